"""Widgets: ideas to drag, on the learner's own objects; each works with the keyboard too, and as a static figure."""

from .base import Lab
from .chatlab import ChatLab
from .claimtable import ClaimTable
from .gradflow import GradFlow
from .optirace import OptiRace
from .predict import Predict
from .show import plot, show
from .style import style
from .traindeck import TrainDeck

__all__ = ["ChatLab", "ClaimTable", "GradFlow", "Lab", "OptiRace", "Predict", "TrainDeck", "plot", "show", "style"]
