"""Verified building blocks of deep learning, in NumPy, with PyTorch's names.

Import the room you need: ``from course_lib import nn, optim, losses``. Importing the package loads nothing heavy.
"""

__version__ = "0.1.0"
