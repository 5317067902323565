"""`LossLab` as programs."""

from __future__ import annotations

from .linefit import CE, LOSSES

LINE = """\
import numpy as np
from course_lib import losses
from course_lib.autograd import Tensor

x = np.array({x!r})
y = np.array({y!r})
theta = Tensor(np.array({theta!r}), requires_grad=True)
loss = losses.{loss}(theta[0] * x + theta[1], {target})
loss.backward()
print(loss.item(), theta.grad)
"""
OWN = """\
# the loss `{name}` is yours
import numpy as np
from course_lib.widgets.linefit import LineFit

fit = LineFit(np.array({points!r}), {name!r}, {{{name!r}: {name}}})
print(fit.loss({theta!r}), fit.gradient({theta!r}))
"""
SLICE = """\
# `model`, `batch` and `loss_fn` are yours
from course_lib.widgets.slices import Slice

plane = Slice(model, batch, loss_fn, {directions!r}, {reach!r}, {seed})
print(plane.loss({theta!r}), plane.gradient({theta!r}))
"""


def line_code(lab) -> str:
    """Return a program for a line."""
    s = lab.state
    theta = [float(v) for v in s["theta"]]
    if s["loss"] in lab.own:
        return OWN.format(name=s["loss"], points=[list(p) for p in s["points"]], theta=theta)
    x, y = ([float(p[k]) for p in s["points"]] for k in (0, 1))
    target = f"(y >= {lab.land.middle!r}).astype(float)" if s["loss"] == CE else "y"
    return LINE.format(x=x, y=y, theta=theta, loss=LOSSES[s["loss"]].__name__, target=target)


def slice_code(lab) -> str:
    """Return a program for a slice."""
    s = lab.state
    theta = [float(v) for v in s["theta"]]
    return SLICE.format(directions=s["directions"], reach=s["reach"], seed=lab.seed, theta=theta)
