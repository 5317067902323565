"""Quantisation beside torch.ao's observers and fake quantisation; distillation and low-rank factors."""

import warnings
from itertools import product

import numpy as np
from sklearn.utils.extmath import randomized_svd

from course_lib import compression as ours
from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.training import Trainer
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import close, floats, holds, normal, seeds, st
from course_lib.verify.spec import Measured, Spec, case, edge
from course_lib.verify.tools import torch
from course_lib.verify.twins import blobs, networks

F = torch.nn.functional
WIDTHS = tuple(product((8, 4, 3), (None, 0, 1)))


def weights(seed=0, shape=(7, 12), dtype=np.float32):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def state(seed=0, dtype=np.float32):
    """A network's state: two matrices, a convolution's kernel, biases."""
    shapes = {"0.weight": (9, 12), "0.bias": (9,), "1.weight": (4, 3, 3, 3), "2.weight": (5, 8), "2.bias": (5,)}
    return {name: weights(seed + i, shape, dtype) for i, (name, shape) in enumerate(shapes.items())}


def torch_scale(x, bits, axis):
    """Ask torch.ao's symmetric observers for the scale."""
    from torch.ao.quantization import observer

    limit = 2 ** (bits - 1) - 1
    options = {"dtype": torch.qint8, "quant_min": -limit, "quant_max": limit}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if axis is None:
            watch = observer.MinMaxObserver(qscheme=torch.per_tensor_symmetric, **options)
        else:
            watch = observer.PerChannelMinMaxObserver(axis, qscheme=torch.per_channel_symmetric, **options)
        watch(torch.tensor(x))
        return watch.calculate_qparams()[0]


def torch_rounded(x, scale, bits, axis):
    """Let torch quantise and dequantise, with the given scales."""
    x, limit = torch.as_tensor(x), 2 ** (bits - 1) - 1
    if axis is None:
        return torch.fake_quantize_per_tensor_affine(x, float(scale), 0, -limit, limit)
    return torch.fake_quantize_per_channel_affine(x, scale, torch.zeros(len(scale)), axis, -limit, limit)


def quantize_error(dtype):
    """Scales to float32's precision, integers exactly (torch.ao quantises float32 only)."""
    errors = []
    for seed, (bits, axis) in product(range(3), WIDTHS):
        x = weights(seed)
        values, scale = ours.quantize(x, bits, axis)
        expected = torch_scale(x, bits, axis)
        whole = torch_rounded(x, expected, bits, axis) / expected.reshape(scale.shape)
        assert np.array_equal(values, whole.round().numpy())
        errors.append(relative(scale.ravel(), expected.numpy()))
    return max(errors)


def quantize_loop_error(dtype):
    """Each row by itself in Python's own integers: round half to even."""
    x, errors = weights(1, dtype=np.float64), []
    for bits in range(2, 9):
        values, scale = ours.quantize(x, bits, axis=0)
        for i, row in enumerate(x.tolist()):
            s = max(map(abs, row)) / (2 ** (bits - 1) - 1)
            errors += [relative(values[i], [round(v / s) for v in row]), relative(scale[i, 0], s)]
    return max(errors)


def dequantize_error(dtype):
    errors = []
    for bits, axis in WIDTHS:
        x = weights(2)
        values, scale = ours.quantize(x, bits, axis)
        twin = torch_rounded(x, torch.tensor(scale.ravel()), bits, axis)
        errors.append(relative(ours.dequantize(values, scale), twin.numpy()))
    return max(errors)


def dequantize_loop_error(dtype):
    values, scale = ours.quantize(weights(3, dtype=np.float64), 8, 0)
    expected = [[q * s for q in row] for row, (s,) in zip(values.tolist(), scale.tolist(), strict=True)]
    return relative(ours.dequantize(values, scale), expected)


def fake_error(dtype):
    """Values and gradients of torch's fake quantisation, float32 as there."""
    errors = []
    for bits, axis in WIDTHS:
        x = Tensor(weights(4), requires_grad=True)
        twin = torch.tensor(x.data, requires_grad=True)
        y = torch_rounded(twin, torch_scale(x.data, bits, axis), bits, axis)
        out, g = ours.fake_quantize(x, bits, axis), weights(5)
        out.backward(g)
        y.backward(torch.tensor(g))
        errors += [relative(out.data, y.detach().numpy()), relative(x.grad, twin.grad.numpy())]
    return max(errors)


def fake_slope_error(dtype):
    """From one step of the staircase to another the slope is the gradient, 1 (the largest value fixes the steps)."""
    x = np.array([1.27, *np.random.default_rng(0).uniform(-1, 1, 20)])  # steps of 0.01
    at = lambda h: ours.fake_quantize(np.r_[1.27, x[1:] + h])[1:]  # noqa: E731
    slopes = [(at(h) - at(-h)) / (2 * h) for h in (0.1, 0.2)]
    t = Tensor(x, requires_grad=True)
    ours.fake_quantize(t).sum().backward()
    return max(relative(slope, t.grad[1:]) for slope in slopes)


def aware_pair():
    model = networks(np.float32)[0]
    return model, nn.Sequential(*[ours.QuantizationAware(m, 4) if isinstance(m, nn.Linear) else m for m in model])


def aware_error(dtype):
    """100 steps of training through 4-bit weights, beside a PyTorch loop with torch's fake quantisation, in float32."""
    (model, aware), (x, y) = aware_pair(), blobs(30, np.float32)
    twin = networks()[1].float()
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    trainer = Trainer(aware, optim.SGD(aware.parameters(), 0.1), losses.cross_entropy, (x, y), batch_size=30)
    sgd = torch.optim.SGD(twin.parameters(), 0.1)
    order, errors = torch.tensor(trainer._order), []
    for _ in range(20):
        sgd.zero_grad()
        h = torch.tensor(x)[order]
        for layer in twin:
            h = F.linear(h, torch_fake(layer.weight), layer.bias) if isinstance(layer, torch.nn.Linear) else layer(h)
        loss = F.cross_entropy(h, torch.tensor(y)[order])
        loss.backward()
        sgd.step()
        errors.append(relative(trainer.step(), loss.item()))
        order = torch.tensor(trainer._order)
    return max(errors)


def torch_fake(weight):
    return torch_rounded(weight, torch_scale(weight.detach().numpy(), 4, 0), 4, 0)


def aware_gradient_error(dtype):
    """The input's gradient by finite differences; the weight's is that of the layer with the quantised weight."""
    layer, x = nn.Linear(4, 3, dtype=np.float64, rng=np.random.default_rng(0)), weights(0, (5, 4), np.float64)
    report = gradcheck(lambda t: ours.QuantizationAware(layer, 3)(t).exp(), x)
    assert report, report
    layer.zero_grad()
    copy = nn.Linear(4, 3, dtype=np.float64)
    copy.load_state_dict(layer.state_dict() | {"weight": ours.fake_quantize(layer.weight.data, 3, 0)})
    for f in (ours.QuantizationAware(layer, 3), copy):
        f(Tensor(x)).exp().sum().backward()
    return max(report.error, relative(layer.weight.grad, copy.weight.grad))


@holds(rng=seeds(), bits=st.integers(2, 8), axis=st.sampled_from([None, 0, 1]))
def is_off_by_at_most_half_a_step(rng, bits, axis):
    x = rng.normal(size=(4, 6)) * 10.0 ** rng.integers(-3, 3)
    values, scale = ours.quantize(x, bits, axis)
    assert np.abs(values).max() <= 2 ** (bits - 1) - 1
    assert (np.abs(ours.dequantize(values, scale) - x) <= scale / 2 * (1 + 1e-9)).all()


@holds(rng=seeds(), bits=st.integers(2, 8), c=floats(0.01, 100))
def scales_and_changes_sign_with_its_input(rng, bits, c):
    x = rng.normal(size=(3, 4))
    values, scale = ours.quantize(x, bits)
    assert np.array_equal(ours.quantize(-x, bits)[0], -values)
    assert np.allclose(ours.quantize(np.exp2(3) * x, bits)[1], 8 * scale, rtol=1e-12)
    assert np.isclose(np.abs(ours.fake_quantize(c * x, bits)).max(), c * np.abs(x).max())


@holds(rng=seeds(), bits=st.integers(2, 8))
def what_is_quantised_stays_as_it_is(rng, bits):
    x = ours.fake_quantize(rng.normal(size=(3, 4)), bits, 0)
    assert close(ours.fake_quantize(x, bits, 0), x)


@holds(rng=seeds(), examples=5)
def parameters_stay_those_of_the_layer(rng):
    model, aware = aware_pair()
    before = model.state_dict()
    aware(Tensor(rng.normal(size=(2, 3)).astype(np.float32)))
    assert [id(p) for p in aware.parameters()] == [id(p) for p in model.parameters()]
    assert all(np.array_equal(v, before[k]) for k, v in model.state_dict().items())


def distillations(rng):
    for n, c, temperature, alpha in ((1, 2, 1.0, 0.5), (4, 3, 4.0, 0.9), (5, 10, 2.5, 1.0), (3, 4, 3.0, 0.0)):
        teacher, target = normal(rng, (n, c), 2), rng.integers(0, c, n)
        yield case(normal(rng, (n, c)), teacher=teacher, target=target, temperature=temperature, alpha=alpha)


def distillation_edges(rng):
    target = np.array([0, 1])
    yield edge("±1e4", np.array([[1e4, -1e4], [0, 1e4]]), teacher=np.array([[2.0, 1], [0, 3]]), target=target)
    yield edge("NaN", np.array([[np.nan, 0.0], [0.0, 1]]), teacher=np.array([[2.0, 1], [0, 3]]), target=target)


def torch_distillation(x, teacher, target, temperature=4.0, alpha=0.9):
    """The loss of PyTorch's tutorial on distillation."""
    soft = F.softmax(teacher / temperature, -1)
    kl = (soft * (soft.log() - F.log_softmax(x / temperature, -1))).sum() / len(x) * temperature**2
    return alpha * kl + (1 - alpha) * F.cross_entropy(x, target)


@holds(rng=seeds(), temperature=floats(0.5, 20))
def a_student_that_equals_its_teacher_has_nothing_to_learn_from_it(rng, temperature):
    logits = Tensor(rng.normal(size=(4, 3)), requires_grad=True)
    loss = ours.distillation_loss(logits, logits.data, np.zeros(4, int), temperature, alpha=1.0)
    loss.backward()
    assert abs(loss.item()) < 1e-9
    assert np.abs(logits.grad).max() < 1e-9


@holds(rng=seeds())
def gradient_at_high_temperature_is_that_of_matching_logits(rng):
    """Hinton et al., eq. 4: for T → ∞ and centred logits, (z - v) / (N·C)."""
    z, v = (x - x.mean(1, keepdims=True) for x in rng.normal(size=(2, 4, 3)))
    student = Tensor(z, requires_grad=True)
    ours.distillation_loss(student, v, np.zeros(4, int), temperature=1e4, alpha=1.0).backward()
    assert np.allclose(student.grad, (z - v) / 12, atol=1e-3)


def layer_of(w, bias=True):
    layer = nn.Linear(w.shape[1], w.shape[0], bias, dtype=w.dtype, rng=np.random.default_rng(0))
    layer.weight.data[...] = w
    return layer


def product_of(pair):
    return pair[1].weight.data @ pair[0].weight.data


def low_rank_error(dtype):
    errors = []
    for shape, rank in (((7, 12), 3), ((12, 7), 7), ((5, 5), 1)):
        w = weights(0, shape, dtype)
        u, s, vh = torch.linalg.svd(torch.tensor(w.astype(float)), full_matrices=False)
        cut = (u[:, :rank] * s[:rank] @ vh[:rank]).numpy()
        pair, x = ours.low_rank(layer_of(w), rank), weights(1, (4, shape[1]), dtype)
        errors += [relative(product_of(pair), cut), relative(pair(Tensor(x)).data, x @ cut.T + pair[1].bias.data)]
    return max(errors)


def randomized_error(dtype):
    w = weights(3, (20, 30), np.float64)
    u, s, vt = randomized_svd(w, 4, n_iter=100, random_state=0)
    return relative(product_of(ours.low_rank(layer_of(w), 4)), u * s @ vt)


@holds(rng=seeds(), rank=st.integers(1, 4))
def squared_error_is_the_sum_of_the_squared_singular_values_cut_off(rng, rank):
    w = rng.normal(size=(4, 6))
    off = ((product_of(ours.low_rank(layer_of(w), rank)) - w) ** 2).sum()
    assert close(off, (np.linalg.svd(w)[1][rank:] ** 2).sum())


@holds(rng=seeds())
def a_layer_of_that_rank_is_kept(rng):
    w = rng.normal(size=(6, 2)) @ rng.normal(size=(2, 5))
    x = Tensor(rng.normal(size=(3, 5)))
    assert close(ours.low_rank(layer_of(w), 2)(x), layer_of(w)(x), 1e-10)


def quantization_spec(name, run, second, *properties, limit=1e-6, what="torch.ao"):
    return Spec(f"compression.{name}", parity=Measured(what, run, float64=limit, float32=None), second=second,
                properties=properties)  # fmt: skip


SPECS = (
    quantization_spec("quantize", quantize_error, Measured("Python's round, row by row", quantize_loop_error),
                      is_off_by_at_most_half_a_step, scales_and_changes_sign_with_its_input,
                      what="torch.ao's observers, float32"),
    quantization_spec("dequantize", dequantize_error, Measured("multiplied in a loop", dequantize_loop_error),
                      is_off_by_at_most_half_a_step, what="torch.fake_quantize, float32"),
    quantization_spec("fake_quantize", fake_error, Measured("slope over whole steps", fake_slope_error),
                      what_is_quantised_stays_as_it_is, what="torch.fake_quantize, float32"),
    quantization_spec("QuantizationAware", aware_error, Measured("finite differences in x", aware_gradient_error),
                      parameters_stay_those_of_the_layer, limit=1e-5, what="a PyTorch loop, 20 steps, float32"),
    Spec("compression.distillation_loss", distillations, torch_distillation, edges=distillation_edges,
         properties=(a_student_that_equals_its_teacher_has_nothing_to_learn_from_it,
                     gradient_at_high_temperature_is_that_of_matching_logits)),
    Spec("compression.low_rank", parity=Measured("torch.linalg.svd", low_rank_error),
         second=Measured("scikit-learn's randomised SVD", randomized_error),
         properties=(squared_error_is_the_sum_of_the_squared_singular_values_cut_off, a_layer_of_that_rank_is_kept)),
)  # fmt: skip
