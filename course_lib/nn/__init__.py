"""Layers: objects that own parameters and compute with the operations below them. Names are PyTorch's."""

from course_lib.nn.activation import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from course_lib.nn.linear import Flatten, Identity, Linear
from course_lib.nn.module import Module, Parameter, Sequential

__all__ = [
    "ELU",
    "GELU",
    "Flatten",
    "Identity",
    "LeakyReLU",
    "Linear",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
]
