"""Initial weights: PyTorch's distributions, drawn from NumPy's generator."""

import numpy as np
from scipy import stats

from course_lib import init as ours
from course_lib.autograd import Tensor
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import close, floats, holds, seeds, st
from course_lib.verify.spec import Measured, Spec, Without
from course_lib.verify.tools import torch

SHAPES = ((3, 4), (1, 1), (7, 2), (5, 3, 2), (4, 3, 5, 5))


class Asked(torch.Tensor):
    """A torch tensor that notes what distribution it is to be filled from."""

    def uniform_(self, a=0, b=1, generator=None):
        """Note the interval."""
        self.asked = (a, b)
        return self

    def normal_(self, mean=0, std=1, generator=None):
        """Note mean and deviation."""
        self.asked = (mean, std)
        return self


class Asking:
    """A generator that notes what it is asked for."""

    def uniform(self, a, b, shape):
        """Note the interval."""
        self.asked = (a, b)
        return np.zeros(shape)

    normal = uniform


def same_distribution(name, kinds):
    """Compare the two parameters of the distribution with those PyTorch uses, over shapes and options."""

    def run(dtype):
        worst = 0.0
        for shape in SHAPES:
            for options in kinds:
                rng, twin = Asking(), torch.empty(shape).as_subclass(Asked)
                getattr(ours, name)(Tensor(np.ones(shape, dtype)), **options, rng=rng)
                getattr(torch.nn.init, name)(twin, **options)
                worst = max(worst, relative(rng.asked, twin.asked))
        return worst

    return run


def distance_of_draws(name, options, distribution):
    """Kolmogorov-Smirnov distance between 100,000 draws and SciPy's distribution function (1% level: 5.1e-3)."""

    def run(dtype):
        w = getattr(ours, name)(Tensor(np.empty((200, 500))), **options, rng=np.random.default_rng(0))
        return float(stats.kstest(w.data.ravel(), distribution.cdf).statistic)

    return run


def filler(name, kinds, options, distribution, *properties):
    """A spec of a function that fills with draws; `distribution` is that of a (200, 500) weight with `options`."""
    reference = "Kolmogorov-Smirnov distance of 100,000 draws from SciPy's distribution"
    return Spec(
        f"init.{name}", properties=(fills_in_place_in_the_tensors_dtype(name), *properties),
        parity=Measured("the distribution torch.nn.init asks for", same_distribution(name, kinds), float32=None),
        second=Measured(reference, distance_of_draws(name, options, distribution), float64=5.1e-3),
    )  # fmt: skip


def fills_in_place_in_the_tensors_dtype(name):
    @holds(rng=seeds(), examples=5)
    def fills_in_place_in_the_tensors_dtype(rng):
        t = Tensor(np.full((3, 4), 7, np.float32), requires_grad=True)
        data = t.data
        assert getattr(ours, name)(t, rng=rng) is t
        assert t.data is data
        assert t.dtype == np.float32
        assert (data != 7).all()

    return fills_in_place_in_the_tensors_dtype


def variance(fill, n_in, n_out):
    return fill(Tensor(np.empty((n_out, n_in)))).data.var()


WIDE, TALL = (40, 1000), (1000, 40)


@holds(rng=seeds(), shape=st.sampled_from([WIDE, TALL, (200, 200)]), examples=10)
def variance_is_2_over_the_sum_of_fans(rng, shape):
    for fill in (ours.xavier_uniform_, ours.xavier_normal_):
        assert abs(variance(lambda t, f=fill: f(t, rng=rng), *shape) * sum(shape) / 2 - 1) < 0.05


@holds(rng=seeds(), shape=st.sampled_from([WIDE, TALL, (200, 200)]), examples=10)
def variance_is_2_over_fan_in(rng, shape):
    for fill in (ours.kaiming_uniform_, ours.kaiming_normal_):
        assert abs(variance(lambda t, f=fill: f(t, rng=rng), *shape) * shape[0] / 2 - 1) < 0.05


@holds(rng=seeds(), examples=3)
def size_of_relu_signals_is_kept(rng):
    x = rng.normal(size=(200, 300))
    for fill in (ours.kaiming_uniform_, ours.kaiming_normal_):
        h = x
        for _ in range(3):
            h = np.maximum(h @ fill(Tensor(np.empty((300, 300))), rng=rng).data.T, 0)
        assert 0.6 < (h**2).mean() / (x**2).mean() < 1.6


@holds(rng=seeds(), a=floats(-5, 0), b=floats(0.1, 5))
def draws_lie_in_the_interval(rng, a, b):
    w = ours.uniform_(Tensor(np.empty((20, 20))), a, b, rng).data
    assert ((w >= a) & (w < b)).all()


@holds(rng=seeds(), mean=floats(-5, 5), std=floats(0.1, 5))
def mean_and_deviation_are_as_asked(rng, mean, std):
    w = ours.normal_(Tensor(np.empty((100, 100))), mean, std, rng).data
    assert abs(w.mean() - mean) < 0.06 * std
    assert abs(w.std() / std - 1) < 0.05


@holds(shape=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def every_number_is_0(shape):
    t = Tensor(np.ones(shape, np.float32))
    assert ours.zeros_(t) is t
    assert not t.data.any()


@holds(slope=floats(0, 3))
def gain_of_leaky_relu_runs_from_relu_to_linear(slope):
    assert close(ours.calculate_gain("leaky_relu", 0.0), ours.calculate_gain("relu"))
    assert close(ours.calculate_gain("leaky_relu", 1.0), ours.calculate_gain("linear"))
    assert close(ours.calculate_gain("leaky_relu", slope) ** 2 * (1 + slope**2), 2)


@holds(rng=seeds(), examples=3)
def relu_gain_keeps_the_mean_square(rng):
    x = rng.normal(size=10**6)
    assert abs((np.maximum(x, 0) ** 2).mean() * ours.calculate_gain("relu") ** 2 - 1) < 0.01


@holds(shape=st.lists(st.integers(1, 6), min_size=2, max_size=4))
def swapping_the_first_two_axes_swaps_the_fans(shape):
    swapped = (shape[1], shape[0], *shape[2:])
    assert ours.fans(tuple(shape)) == ours.fans(swapped)[::-1]


def same_gains(dtype):
    names = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
    pairs = [(ours.calculate_gain(n), torch.nn.init.calculate_gain(n)) for n in names]
    pairs += [
        (ours.calculate_gain("leaky_relu", a), torch.nn.init.calculate_gain("leaky_relu", a)) for a in (0, 0.3, 2)
    ]
    return max(relative(a, b) for a, b in pairs)


def same_fans(dtype):
    twin = torch.nn.init._calculate_fan_in_and_fan_out
    return max(relative(ours.fans(shape), twin(torch.empty(shape))) for shape in SHAPES)


def same_zeros(dtype):
    t, twin = Tensor(np.ones((3, 4), dtype)), torch.ones(3, 4)
    return relative(ours.zeros_(t).data, torch.nn.init.zeros_(twin).numpy())


NONE = Without("no gradient: a number computed from a shape or a name")
MODES = [{}, {"mode": "fan_out"}, {"a": 0.5}, {"nonlinearity": "relu"}, {"nonlinearity": "tanh", "mode": "fan_out"}]
XAVIER, HE = 2 / 700, 2 / 500  # variances for 200 × 500


def even(var):
    return stats.uniform(-np.sqrt(3 * var), 2 * np.sqrt(3 * var))


SPECS = (
    Spec("init.calculate_gain", parity=Measured("torch.nn.init", same_gains, float32=None), second=NONE,
         properties=(gain_of_leaky_relu_runs_from_relu_to_linear, relu_gain_keeps_the_mean_square)),
    Spec("init.fans", parity=Measured("torch.nn.init", same_fans, float32=None), second=NONE,
         properties=(swapping_the_first_two_axes_swaps_the_fans,)),
    Spec("init.zeros_", parity=Measured("torch.nn.init", same_zeros), second=Without("no gradient: a constant"),
         properties=(every_number_is_0,)),
    filler("uniform_", [{}, {"a": -2.0, "b": 0.5}], {"a": -2.0, "b": 0.5}, stats.uniform(-2, 2.5),
        draws_lie_in_the_interval),
    filler("normal_", [{}, {"mean": 1.0, "std": 0.1}], {"mean": 1.0, "std": 0.1}, stats.norm(1, 0.1),
           mean_and_deviation_are_as_asked),
    filler("xavier_uniform_", [{}, {"gain": 2.0}], {}, even(XAVIER), variance_is_2_over_the_sum_of_fans),
    filler("xavier_normal_", [{}, {"gain": 2.0}], {}, stats.norm(0, np.sqrt(XAVIER)),
        variance_is_2_over_the_sum_of_fans),
    filler("kaiming_uniform_", MODES, {}, even(HE), variance_is_2_over_fan_in, size_of_relu_signals_is_kept),
    filler("kaiming_normal_", MODES, {}, stats.norm(0, np.sqrt(HE)), variance_is_2_over_fan_in,
        size_of_relu_signals_is_kept),
)  # fmt: skip
