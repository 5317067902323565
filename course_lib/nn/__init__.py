"""Layers: objects that own parameters and compute with the operations below them. Names are PyTorch's."""

from course_lib.nn.activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from course_lib.nn.attention import MultiheadAttention, TransformerDecoderLayer, TransformerEncoderLayer
from course_lib.nn.convolution import AdaptiveAvgPool2d, AvgPool2d, Conv1d, Conv2d, ConvTranspose2d, MaxPool2d
from course_lib.nn.embedding import Embedding
from course_lib.nn.linear import Flatten, Identity, Linear
from course_lib.nn.module import Module, Parameter, Sequential
from course_lib.nn.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    Dropout,
    LayerNorm,
    RMSNorm,
    VariationalDropout,
)
from course_lib.nn.recurrent import GRU, LSTM, RNN, LSTMCell

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Identity",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "MultiheadAttention",
    "Parameter",
    "RMSNorm",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "TransformerDecoderLayer",
    "TransformerEncoderLayer",
    "VariationalDropout",
]
