"""Widgets: ideas to drag, on the learner's own objects; each works with the keyboard too, and as a static figure."""

from .attnmap import AttnMap
from .base import Lab
from .claimtable import ClaimTable
from .gradflow import GradFlow
from .optirace import OptiRace
from .predict import Predict
from .samplelab import SampleLab
from .show import plot, show
from .style import style
from .tokenlab import TokenLab
from .traindeck import TrainDeck

__all__ = [
    "AttnMap", "ClaimTable", "GradFlow", "Lab", "OptiRace", "Predict", "SampleLab",
    "TokenLab", "TrainDeck", "plot", "show", "style",
]  # fmt: skip
