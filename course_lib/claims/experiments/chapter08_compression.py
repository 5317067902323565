"""Smaller models: what pruning, fewer bits, a low rank and a small student keep, and where each breaks."""

from course_lib import compression
from course_lib.claims.evidence import Evidence
from course_lib.claims.experiments.digit_nets import accuracy, digits, network, train, trained


def compressed():
    """One digits network, made smaller in four ways, gently and too hard."""
    d, whole = digits(), trained()
    state = whole.state_dict()
    score = lambda s: _score(network(0), s)  # noqa: E731
    base, size = score(state), compression.stored_bytes(state)
    int8, int2 = (compression.quantize_state(state, bits, None) for bits in (8, 2))
    prune = {a: score(compression.apply_masks(state, compression.magnitude_masks(state, a))) for a in (0.5, 0.95)}
    rank = {r: _low_rank(whole, r) for r in (1, 16)}
    student = accuracy(train(network(1, 16), d.x_train, d.y_train, 20), d.x_test, d.y_test)
    share = compression.stored_bytes(int8) / size
    eight, two = score(compression.dequantize_state(int8)), score(compression.dequantize_state(int2))
    return Evidence(
        f"test accuracy {base:.2f}; int8 {eight:.2f} in {share:.0%} of the bytes, half the weights pruned "
        f"{prune[0.5]:.2f}, rank 16 {rank[16]:.2f}, a student of 16 units {student:.2f}; too hard: 2 bits {two:.2f}, "
        "95 % "
        f"pruned {prune[0.95]:.2f}, rank 1 {rank[1]:.2f}.",
        said={
            "8 bits cost less than 0.01 of accuracy and more than two thirds of the bytes go":
                base - eight < 0.01 and share < 1 / 3,
            "half of the weights can go for less than 0.05": base - prune[0.5] < 0.05,
            "rank 16, half of the layer's numbers, costs less than 0.05": base - rank[16] < 0.05,
            "a student with a quarter of the weights loses less than 0.06": base - student < 0.06,
        },
        right={"each has a limit: pushed further, it loses more than 0.1": base - max(two, prune[0.95], rank[1]) > 0.1},
        numbers={"whole": round(base, 2), "int8": round(eight, 2), "2 bits": round(two, 2),
                 "student": round(student, 2)},
    )  # fmt: skip


def _score(model, state):
    model.load_state_dict(state)
    return accuracy(model, digits().x_test, digits().y_test)


def _low_rank(model, rank):
    from course_lib import nn

    layers = list(model)
    smaller = nn.Sequential(compression.low_rank(layers[0], rank), *layers[1:])
    return accuracy(smaller, digits().x_test, digits().y_test)
