"""Widgets: ideas to drag, on the learner's own objects; each works with the keyboard too, and as a static figure."""

from .actlab import ActLab
from .attnmap import AttnMap
from .base import Lab
from .chatlab import ChatLab
from .claimtable import ClaimTable
from .compressdial import CompressDial
from .convstep import ConvStep
from .gatetape import GateTape
from .gradflow import GradFlow
from .graphstepper import GraphStepper
from .losslab import LossLab
from .optirace import OptiRace
from .predict import Predict
from .samplelab import SampleLab
from .show import plot, show
from .style import style
from .tokenlab import TokenLab
from .traindeck import TrainDeck

__all__ = [
    "ActLab", "AttnMap", "ChatLab", "ClaimTable", "CompressDial", "ConvStep", "GateTape", "GradFlow", "GraphStepper",
    "Lab", "LossLab", "OptiRace", "Predict", "SampleLab", "TokenLab", "TrainDeck", "plot", "show", "style",
]  # fmt: skip
