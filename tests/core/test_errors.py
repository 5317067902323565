"""Bad input gets an error that names what came and what is allowed, word for word."""

import numpy as np
import pytest

from course_lib import activations, data, init, losses, metrics, nn, optim, schedules
from course_lib import arithmetic as ops
from course_lib.autograd import Tensor
from course_lib.training import EarlyStopping, Trainer


def param(*shape, dtype=np.float64):
    return Tensor(np.ones(shape, dtype), requires_grad=True)


def trainer(x=4, y=4, **options):
    model = nn.Linear(3, 2)
    data_ = (np.zeros((x, 3), np.float32), np.zeros(y, int))
    return Trainer(model, optim.SGD(model.parameters()), losses.cross_entropy, data_, **options)


def early():
    run = trainer(callbacks=[EarlyStopping()])
    run.run(1)


CASES = [
    (lambda: Tensor("text"), TypeError, "Tensor: data must be real numbers, got <U4"),
    (lambda: Tensor([1, 2], requires_grad=True), TypeError,
     "Tensor: only floating-point tensors can require gradients, got int64"),
    (lambda: Tensor(np.ones(2)).backward(), ValueError,
     "backward: this tensor depends on nothing that requires a gradient"),
    (lambda: param(2, 3).backward(), ValueError,
     "backward: only a single number has a gradient of its own, got shape (2, 3); pass gradient= with that shape"),
    (lambda: param(2).backward(np.ones(3)), ValueError, "backward: gradient has shape (3,), the tensor (2,)"),
    (lambda: param(2, 3) + param(4), ValueError, "add: cannot combine shapes (2, 3) and (4,)"),
    (lambda: param(2, 3) @ param(2, 3), ValueError,
     "matmul: inner dimensions 3 and 2 differ (shapes (2, 3) and (2, 3))"),
    (lambda: param() @ param(2), ValueError,
     "matmul: needs at least one dimension on both sides, got shapes () and (2,)"),
    (lambda: param(2, 3).reshape(4), ValueError, "reshape: cannot combine shapes (2, 3)"),
    (lambda: ops.exp(np.array(["a"])), TypeError, "exp: needs real numbers, got ndarray of dtype <U1"),
    (lambda: activations.softmax(np.ones((2, 3)), 2), ValueError,
     "softmax: dim 2 is not an axis of an input of shape (2, 3)"),
    (lambda: activations.gelu(np.ones(2), "erf"), ValueError,
     'gelu: approximate must be "none" or "tanh", got \'erf\''),
    (lambda: nn.Linear(64, 3)(Tensor(np.ones((32, 63)))), ValueError,
     "Linear: expected last dimension 64, got 63 (input shape (32, 63))"),
    (lambda: nn.Linear(0, 3), ValueError, "Linear: in_features must be at least 1, got 0"),
    (lambda: nn.Sequential(np.tanh), TypeError, "Sequential: layer 0 is a ufunc, not a Module"),
    (lambda: nn.Module()(1), NotImplementedError, "Module has no forward method"),
    (lambda: nn.ReLU(negative_slope=0.1), TypeError, "got an unexpected keyword argument 'negative_slope'"),
    (lambda: nn.Linear(2, 1).load_state_dict({"w": 1}), ValueError,
     "load_state_dict: missing ['bias', 'weight'], not in this model ['w']"),
    (lambda: nn.Linear(2, 1, bias=False).load_state_dict({"weight": np.ones(2)}), ValueError,
     "load_state_dict: weight has shape (2,), the model's is (1, 2)"),
    (lambda: losses.mse_loss(np.ones((3, 1)), np.ones(3)), ValueError,
     "mse_loss: input and target must have the same shape, got (3, 1) and (3,)"),
    (lambda: losses.mse_loss(np.ones(3), np.ones(3), "avg"), ValueError,
     'mse_loss: reduction must be "mean", "sum" or "none", got \'avg\''),
    (lambda: losses.huber_loss(np.ones(3), np.ones(3), delta=0), ValueError,
     "huber_loss: delta must be above 0, got 0"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), np.array([0, 3])), ValueError,
     "cross_entropy: class indices must lie in 0..2, got 0..3"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), np.array([0, -1])), ValueError,
     "cross_entropy: class indices must lie in 0..2, got -1..0"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), np.array([0, 1, 2])), ValueError,
     "cross_entropy: expected targets of shape (2,), got (3,)"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), np.ones(2)), ValueError,
     "cross_entropy: class indices must be integers, got float64 of shape (2,) for scores of shape (2, 3)"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), np.array([0, 1]), label_smoothing=2), ValueError,
     "cross_entropy: label_smoothing must lie in [0, 1], got 2"),
    (lambda: losses.binary_cross_entropy(np.array([1.5]), np.array([1.0])), ValueError,
     "binary_cross_entropy: input must hold probabilities in [0, 1], got values from 1.5 to 1.5; "
     "for logits use binary_cross_entropy_with_logits"),
    (lambda: losses.kl_div(param(2), param(2)), TypeError,
     "kl_div: no gradient is defined for argument 2, which requires one"),
    (lambda: init.xavier_uniform_(param(3)), ValueError,
     "fans: a weight needs at least two dimensions, got shape (3,)"),
    (lambda: init.kaiming_normal_(param(3, 3), mode="in"), ValueError,
     "mode must be \"fan_in\" or \"fan_out\", got 'in'"),
    (lambda: init.calculate_gain("step"), ValueError,
     "calculate_gain: unknown nonlinearity 'step'; known: ['linear', 'sigmoid', 'tanh', 'relu', 'leaky_relu']"),
    (lambda: optim.SGD([]), ValueError, "SGD: got no parameters"),
    (lambda: optim.Adam([np.ones(2)]), TypeError, "Adam: params[0] must be a Tensor, got ndarray"),
    (lambda: optim.Adam([param(2) * 2]), ValueError,
     "Adam: params[0] is the result of mul; an optimizer moves leaves only"),
    (lambda: optim.Adam([param(2)] * 2), ValueError, "Adam: a parameter is listed twice"),
    (lambda: optim.Adam([param(2), param(2, dtype=np.float32)]), TypeError,
     "Adam: parameters must share one dtype, got ['float32', 'float64']"),
    (lambda: optim.SGD([param(2)], lr=-1), ValueError, "SGD: lr must be at least 0, got -1"),
    (lambda: optim.Adam([param(2)], betas=(0.9, 1.0)), ValueError,
     "Adam: betas[1] must be at least 0 and below 1, got 1.0"),
    (lambda: optim.SGD([param(2)], nesterov=True), ValueError, "SGD: nesterov needs a momentum above 0"),
    (lambda: optim.SGD([param(2)]).load_state_dict({"lr": 1}), ValueError,
     "SGD: state has ['lr'], expected ['lr', 'steps', 'velocity']"),
    (lambda: schedules.StepLR(optim.SGD([param(2)]), 0), ValueError, "StepLR: step_size must be at least 1, got 0"),
    (lambda: schedules.WarmupCosine(optim.SGD([param(2)]), 5, 5), ValueError,
     "WarmupCosine: needs 0 <= warmup < total, got warmup 5, total 5"),
    (lambda: trainer(4, 3), ValueError, "Trainer: train has 4 inputs and 3 targets"),
    (lambda: trainer(0, 0), ValueError, "Trainer: train is empty"),
    (lambda: trainer(batch_size=0), ValueError, "Trainer: batch_size must be at least 1, got 0"),
    (early, ValueError, "EarlyStopping: no column 'val_loss' in the history; it has epoch, loss, lr"),
    (lambda: EarlyStopping(mode="least"), ValueError, 'EarlyStopping: mode must be "min" or "max", got \'least\''),
    (lambda: trainer().run(1)["accuracy"], KeyError, "no column 'accuracy'; the history has epoch, loss, lr"),
    (lambda: metrics.accuracy(np.ones((3, 2)), np.ones(4)), ValueError,
     "accuracy: predictions have shape (3,), targets (4,)"),
    (lambda: data.digits(test_size=1), ValueError, "digits: test_size must lie strictly between 0 and 1, got 1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=[text[:50] for _, _, text in CASES])
def test_error(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)
