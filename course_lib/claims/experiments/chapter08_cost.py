"""Compute, energy, money and time: statements about cost with their numbers put in."""

import numpy as np

from course_lib import arithmetic, nn
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, train, trained
from course_lib.topics import energy

PRINTED = "the application prospects of large models in startups are广阔，but they also face many challenges"


class _Adapted(nn.Module):
    """A frozen linear layer with a trained low-rank correction: x (W + B A)ᵀ + b."""

    def __init__(self, layer, rank, rng):
        self.frozen = (layer.weight.data, layer.bias.data)
        self.a = nn.Parameter(rng.normal(0, 0.1, (rank, layer.in_features)).astype(np.float32))
        self.b = nn.Parameter(np.zeros((layer.out_features, rank), np.float32))

    def forward(self, x):
        weight, bias = self.frozen
        return arithmetic.linear(x, self.b @ self.a + weight, bias)


def levers():
    """A digits network learns mirrored digits by a rank-4 correction of its two layers."""
    d, model, rng = digits(), trained(), np.random.default_rng(0)
    x, new = (a.reshape(-1, 8, 8)[:, :, ::-1].reshape(-1, 64).copy() for a in (d.x_train, d.x_test))
    before = accuracy(model, new, d.y_test)
    adapted = nn.Sequential(_Adapted(model[0], 4, rng), nn.ReLU(), _Adapted(model[2], 4, rng))
    after = accuracy(train(adapted, x, d.y_train, 10, lr=1e-2), new, d.y_test)
    count = [sum(p.data.size for p in m.parameters()) for m in (adapted, model)]
    return Evidence(
        f"accuracy on mirrored digits {before:.2f} before and {after:.2f} after training {count[0]} numbers of a "
        "low-rank "
        f"correction (LoRA) in place of all {count[1]:,}.",
        said={"a limited effort can be enough": after > 0.8},
        gap={"without naming how, nothing is gained: the network as it is fails": before < 0.6},
        right={"LoRA trains less than a fifth of the numbers": count[0] < count[1] / 5},
        numbers={"trained": count[0], "all": count[1], "after": round(after, 1)},
    )


def amdahl():
    """64 workers on a job of which 5 % cannot be divided."""
    fast = energy.speed_up(64, 0.05)
    return Evidence(
        f"64 workers are {fast:.1f} times as fast as one, and the bill, workers times time, is {64 / fast:.1f} times "
        "as high.",
        said={"many workers shorten the time": fast > 10},
        gap={"the cost does not fall, it rises": 64 / fast > 2},
        right={"Amdahl's law: never faster than 1 / 0.05": energy.speed_up(10**9, 0.05) < 20 + 1e-9},
        numbers={"speed-up": fast, "cost": 64 / fast},
    )


def training_energy():
    """GPT-3: 3.14·10²³ operations on V100s at 24.6 TFLOP/s and 330 W, in a building with PUE 1.1."""
    kwh = energy.energy_kwh(energy.training_flops(175e9, 300e9), 125e12, 24.6 / 125, 330, 1.1)
    better = energy.energy_kwh(energy.training_flops(175e9, 300e9), 312e12, 0.45, 500, 1.1)
    return Evidence(
        f"6·N·D operations at the reported speed and power make {kwh / 1000:,.0f} MWh for GPT-3; the published "
        "estimate is "
        f"1,287. On newer accelerators at 45 % of 312 TFLOP/s and 500 W: {better / 1000:,.0f} MWh.",
        said={"training took the energy of hundreds of households for a year": kwh > 1e6},
        gap={"hardware and utilisation change the figure several times over": kwh / better > 3},
        right={"the estimate agrees with the published one within 2 %": abs(kwh / 1.287e6 - 1) < 0.02},
        numbers={"MWh": kwh / 1000, "newer, MWh": better / 1000},
    )


def start_up():
    """What GPT-3's training costs at 1.50 dollars for a V100 hour, and what a small budget buys."""
    hours = lambda flops: flops / 28e12 / 3600  # noqa: E731  sustained operations per second of a V100
    whole = 1.5 * hours(energy.training_flops(175e9, 300e9))
    adapt = 1.5 * hours(energy.training_flops(7e9, 10e6))
    affordable = lambda price: (1e5 / price * 3600 * 28e12 / 120) ** 0.5  # noqa: E731  20 tokens per parameter
    return Evidence(
        f"GPT-3's training: about {whole / 1e6:.1f} million dollars; adapting a model of 7 billion parameters on 10 "
        "million "
        f"tokens: about {adapt:.0f}. A hundred thousand dollars train {affordable(1.5) / 1e9:.1f} billion parameters, "
        "at "
        f"half the price {affordable(0.75) / 1e9:.1f} billion.",
        said={"cheaper compute lets the same money train a larger model": affordable(0.75) > affordable(1.5)},
        gap={"the frontier of 2020 already cost millions": whole > 1e6},
        right={"about 4.7 million": abs(whole / 4.7e6 - 1) < 0.1, "adapting costs less than 100": adapt < 100},
        numbers={"training": whole, "adapting": adapt},
    )


def margin():
    """One model service, the same price, full and idle."""
    full, idle = (energy.margin_per_request(0.002, 500, 2.0, 1000, busy) for busy in (0.6, 0.05))
    return Evidence(
        "at 0.002 dollars a request, 500 tokens and an accelerator of 2 dollars an hour and 1,000 tokens a second, a "
        "request "
        f"leaves {full:.4f} when the machine is busy 60 % of the time and {idle:.4f} at 5 %.",
        said={"a sustainable model exists": full > 0},
        gap={"whether it does depends on what goes unsaid: how busy the machine is": idle < 0},
        right={"cost per request is inverse to utilisation": abs((0.002 - idle) / (0.002 - full) - 12) < 1e-9},
        numbers={"busy": full, "idle": idle},
    )


def real_time():
    """Requests at random times to a model that needs 20 ms, one after the other; budget 100 ms."""
    times = {load: energy.response_times(load, 20.0, 50_000, np.random.default_rng(0)) for load in (0.1, 0.5, 0.95)}
    p95 = {load: float(np.quantile(t, 0.95)) for load, t in times.items()}
    theory = 20 + 20 * 0.5 / (2 * (1 - 0.5))
    return Evidence(
        f"95 % of the answers come within {p95[0.1]:.0f} ms when the server is busy 10 % of the time, {p95[0.5]:.0f} "
        "ms at "
        f"50 %, {p95[0.95]:.0f} ms at 95 %; the budget is 100 ms.",
        said={"a fast model can answer in real time": p95[0.5] < 100},
        gap={"the same model misses the budget when too many ask": p95[0.95] > 100},
        right={"the mean agrees with the Pollaczek-Khinchine formula": abs(times[0.5].mean() / theory - 1) < 0.05},
        numbers={f"load {load}": round(value) for load, value in p95.items()},
    )


def mixed_language():
    """The characters of the English conclusion."""
    chinese = [c for c in PRINTED if "\u4e00" <= c <= "\u9fff"]
    wide = [c for c in PRINTED if "\uff00" <= c <= "\uffef"]
    return Evidence(
        f"an English sentence of {len(PRINTED)} characters holds {len(chinese)} Chinese ones and {len(wide)} "
        "full-width comma.",
        said={"the English conclusion is in English": not chinese},
        right={"one Chinese word was left standing": len(chinese) == 2, "and a full-width comma": len(wide) == 1},
        numbers={"Chinese characters": len(chinese), "full-width": len(wide)},
    )
