"""1.4 The memory of training."""

from course_lib.topics import cost

from ..spec import Exercise, Mistake


def training_bytes(params, width, optimizer):
    """Bytes of weights, gradients, a 4-byte master copy if width < 4, and optimizer state ("sgd"/"momentum"/"adam")."""
    kept = {"sgd": 0, "momentum": 1, "adam": 2}[optimizer]
    master = 4 if width < 4 else 0
    return params * (width + width + master + 4 * kept)


def cases(rng):
    """Every optimizer with two and four bytes."""
    for optimizer in ("sgd", "momentum", "adam"):
        for width in (2, 4):
            yield int(rng.integers(5, 10**6)), width, optimizer


TABLE, MASTER, STATE = '{"sgd": 0, "momentum": 1, "adam": 2}[optimizer]', "4 if width < 4 else 0", "4 * kept"

EXERCISE = Exercise(
    id="1.4",
    title="Memory of training",
    answer=training_bytes,
    reference=cost.training_bytes,
    cases=cases,
    edges=(
        (1, 2, "adam"), (1, 4, "adam"), (1, 2, "sgd"), (1, 4, "sgd"), (1, 2, "momentum"), (1, 4, "momentum"),
        (1, 1, "adam"), (1, 8, "sgd"), (7_000_000_000, 2, "adam"),
    ),
    mistakes=(
        Mistake("weights-only", lambda n, width, optimizer: n * width,
                "These are the weights alone: enough to run a model, not to train it."),
        Mistake("no-gradients", {"width + width": "width"}, "The gradients are missing: one for each weight."),
        Mistake("no-master", {f"master = {MASTER}": "master = 0"},
                "The master copy is missing: with 2-byte weights training keeps another copy in 4 bytes."),
        Mistake("always-master", {MASTER: "4"},
                "With 4-byte weights there is no second copy; the master is for narrower ones."),
        Mistake("master-when-wide", {MASTER: "4 if width >= 4 else 0"},
                "The test is the wrong way round: the master copy goes with narrow weights."),
        Mistake("adam-one", {'"adam": 2': '"adam": 1'},
                "Adam keeps two numbers for each parameter: a mean of the gradient and one of its square."),
        Mistake("sgd-one", {'"sgd": 0': '"sgd": 1'}, "Plain gradient descent keeps nothing."),
        Mistake("no-state", {f" + {STATE}": ""},
                "What the optimizer keeps is missing: 4 bytes for each of its numbers."),
        Mistake("narrow-state", {STATE: "width * kept"},
                "The optimizer's numbers have 4 bytes each, whatever the width of the weights."),
        Mistake("state-numbers", {STATE: "kept"}, "It adds how many numbers are kept; each has 4 bytes."),
        Mistake("always-adam", {TABLE: "2"}, "It counts Adam's state for every optimizer."),
        Mistake("sixteen", lambda n, width, optimizer: 16 * n,
                "16 bytes a parameter hold for Adam with 2 or 4 byte weights, not for the other optimizers."),
        Mistake("bits", {"params * (": "8 * params * ("}, "These are bits. A byte has 8 of them."),
        Mistake("per-parameter", {"params * (": "("}, "These are the bytes of one parameter: times params."),
    ),
    right=(
        lambda n, w, o: 2 * n * w + (w < 4) * 4 * n + 4 * n * ["sgd", "momentum", "adam"].index(o),
        lambda n, w, o: sum(n * b for b in [w, w, 0 if w >= 4 else 4, {"sgd": 0, "momentum": 4, "adam": 8}[o]]),
    ),
    hints=(
        "Four parts: weights, gradients, perhaps a master copy, and the optimizer's numbers.",
        "Plain SGD keeps 0 numbers for each parameter, momentum 1, Adam 2; each has 4 bytes.",
        "params * (2 * width + (4 if width < 4 else 0) + 4 * kept)",
    ),
    minutes=10,
    difficulty=2,
    claims=("S4-1.4-large-model",),
)
