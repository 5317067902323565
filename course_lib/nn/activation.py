"""Activations as layers."""

import inspect

from course_lib import activations
from course_lib.nn.module import Module


class _Activation(Module):
    """An activation as a layer; it has options but no parameters (claim S4-4.2-relu-properties)."""

    function = None

    def __init__(self, *options, **named):
        bound = inspect.signature(type(self).function).bind(None, *options, **named)
        bound.apply_defaults()
        self.options = bound.args[1:]

    def forward(self, x):
        """Apply the function to every element."""
        return type(self).function(x, *self.options)

    def extra_repr(self):
        """Show the options."""
        names = list(inspect.signature(type(self).function).parameters)[1:]
        return ", ".join(f"{name}={value!r}" for name, value in zip(names, self.options, strict=True))


def _layer(name, function):
    """Make a layer class from an activation function."""
    doc = f"`{function.__name__}` as a layer: {function.__doc__.splitlines()[0]}"
    return type(name, (_Activation,), {"function": staticmethod(function), "__doc__": doc, "__module__": __name__})


ReLU = _layer("ReLU", activations.relu)
LeakyReLU = _layer("LeakyReLU", activations.leaky_relu)
ELU = _layer("ELU", activations.elu)
Sigmoid = _layer("Sigmoid", activations.sigmoid)
Tanh = _layer("Tanh", activations.tanh)
GELU = _layer("GELU", activations.gelu)
SiLU = _layer("SiLU", activations.silu)
Softplus = _layer("Softplus", activations.softplus)
Softmax = _layer("Softmax", activations.softmax)
