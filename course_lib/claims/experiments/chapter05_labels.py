"""Labels, sizes and steps of the printed programs."""

import math

import numpy as np

from course_lib import activations, losses, nn, optim
from course_lib.claims import as_printed
from course_lib.claims.evidence import Evidence, close
from course_lib.claims.experiments.tools import raises
from course_lib.metrics import wilson_interval

GPT3 = 175e9
S2_IDS = np.array(
    [[101, 6821, 3221, 5018, 671, 702, 3416, 3315, 511, 102]] * 2
)  # a sentence as S2's tokenizer numbers it


def labels():
    """Token ids as labels, integers against one-hot, and what an accuracy of two sentences can be."""
    rng = np.random.default_rng(0)
    scores, classes = rng.normal(size=(20, 2)), np.array([0, 1, 1])
    possible = {k / 2 for k in range(3)}
    guess = rng.integers(0, 2, S2_IDS.shape)
    hit = float((guess == S2_IDS).mean())
    low, high = wilson_interval(17, 20)
    p = np.full((3, 2), 0.5)
    return Evidence(
        f"token ids up to {S2_IDS.max()} are no classes 0 and 1; compared with them, guesses of 0 and 1 are right in a "
        f"share of {hit:g}; two sentences can give {sorted(possible)}, and 17 of 20 would mean {low:.2f} to "
        f"{high:.2f}.",
        said={
            "token ids can be the labels of two classes": not raises(
                ValueError, losses.cross_entropy, scores, S2_IDS.ravel()
            ),
            "integer labels fit the printed one-hot loss": not raises(
                ValueError, as_printed.cross_entropy_sum, p, classes
            ),
            "two sentences can give 0.85": 0.85 in possible or close(hit, 0.85, 2),
        },
        right={
            "with labels 0 and 1 the loss is a number": np.isfinite(float(losses.cross_entropy(scores[:3], classes))),
            "17 of 20 is uncertain by more than a tenth either way": high - low > 0.2,
        },
        numbers={"share right against ids": hit, "interval": [low, high]},
    )


def chatbot_sizes():
    """Numbers learned by S0's network, and the cost of its labels."""
    rng = np.random.default_rng(0)
    lstm = 4 * ((100 + 128) * 128 + 128)
    dense = sum(p.size for p in nn.Linear(128, 10_000, rng=rng).parameters())
    one_hot, integer = np.zeros((1, 10_000), np.float32).nbytes, np.zeros(1, np.int32).nbytes
    p, label = np.full((2, 10_000), 1e-4), np.array([3, 4])
    return Evidence(
        f"with vectors of 100 numbers the LSTM has {lstm:,} and the output layer {dense:,}, {lstm + dense:,} in all, "
        f"GPT-3 {GPT3 / (lstm + dense):.1g} times as many; a one-hot label takes {one_hot:,} bytes, an integer "
        f"{integer}.",
        said={"layers of 128 and 10,000 units can be trained on one-hot labels": one_hot == 40_000},
        gap={
            "it is no large model": 1e4 * (lstm + dense) < GPT3,
            "integer labels do not fit the printed loss": raises(ValueError, as_printed.cross_entropy_sum, p, label),
        },
        right={"117,248 and 1,290,000": (lstm, dense) == (117_248, 1_290_000)},
        numbers={"LSTM": lstm, "dense": dense},
    )


def three_steps():
    """Three steps at three rates on two unlabelled sentences; a body without a head; the size of BERT."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 20)), np.tile([0.0, 1.0], 100)
    x[:, 0] += y
    found = {(lr, n): _trained(x, y, lr, n) for lr in (1e-5, 1e-2) for n in (3, 300)}
    body = bert_parameters()
    return Evidence(
        f"three steps at rate 1e-5 leave the loss at {found[1e-5, 3]:.3f}, as at the start; 300 at 1e-2 bring it to "
        f"{found[1e-2, 300]:.2f}: rate and steps matter. bert-base-chinese has {body:,} numbers and none of them is a "
        "classifier.",
        said={"rate and number of steps decide how far training gets": found[1e-2, 300] < found[1e-2, 3]},
        gap={
            "three steps at 1e-5 change nothing to speak of": close(found[1e-5, 3], math.log(2), 2),
            "the loaded body has no layer for two classes": body == bert_parameters(classes=2) - 2 * 768 - 2,
        },
        right={"more steps at a larger rate do": found[1e-2, 300] < 0.6},
        numbers={"1e-5, 3": found[1e-5, 3], "1e-2, 300": found[1e-2, 300], "BERT": body},
    )


def bert_parameters(vocab=21_128, d=768, layers=12, positions=512, classes=0) -> int:
    """Embeddings, twelve layers of attention and feed-forward with their norms, the pooler, and a head if asked for."""
    embeddings = (vocab + positions + 2) * d + 2 * d
    layer = 4 * (d * d + d) + (d * 4 * d + 4 * d) + (4 * d * d + d) + 4 * d
    return embeddings + layers * layer + d * d + d + (classes * (d + 1) if classes else 0)


def small_rate():
    """How far three steps of Adam at 3e-5 can go."""
    w = np.array([1.0, -2.0, 3.0])
    start, m, v = w.copy(), np.zeros(3), np.zeros(3)
    for t in (1, 2, 3):
        w, m, v = optim.adam_update(w, np.array([5.0, -0.1, 1e3]), m, v, t, lr=3e-5)
    far = float(np.abs(w - start).max())
    return Evidence(
        f"three steps of Adam at 3e-5 move a weight by {far:.1e}, whatever the gradient: small enough not to undo what "
        "was learned before.",
        said={"3e-5 is a step that leaves pre-trained weights nearly as they were": far < 1e-3},
        right={"three steps go at most 3 · 3e-5": close(far, 9e-5, 6)},
        numbers={"moved": far},
    )


def csv_listing():
    """A missing file, a column of words, two outputs for one question, and no seed."""
    a, b = np.array([[0.3, -1.2], [2.0, 0.5]]).T
    two = activations.softmax(np.stack([a, b], -1))[:, 1]
    size = sum(i * o + o for i, o in ((30, 128), (128, 64), (64, 2)))
    words = np.array([["1.0", "red"], ["2.0", "blue"]])
    runs = [[float(nn.Linear(4, 2, rng=np.random.default_rng(s)).weight.data[0, 0]) for s in seeds]
            for seeds in ((0, 1), (7, 7))]  # fmt: skip
    return Evidence(
        f"data.csv is not there, and a column of words cannot be averaged; a softmax of two scores is the sigmoid of "
        f"their difference; for 30 columns the network has {size:,} numbers; without a seed two runs start "
        "differently.",
        said={"two softmax outputs answer a yes-or-no question": close(two, activations.sigmoid(b - a), 12)},
        gap={
            "the file does not exist": raises(FileNotFoundError, open, "data.csv"),
            "a text column stops the arithmetic": raises(ValueError, lambda: words.astype(float)),
            "runs without a common seed differ": runs[0][0] != runs[0][1],
        },
        right={
            "30-128-64-2 has 12,354 parameters": size == 12_354,
            "equal seeds, equal runs": runs[1][0] == runs[1][1],
        },
        numbers={"parameters": size},
    )


def _trained(x, y, lr, steps):
    """Loss of logistic regression after some steps of Adam."""
    w, m, v = np.zeros(x.shape[1]), np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for t in range(1, steps + 1):
        error = activations.sigmoid(x @ w) - y
        w, m, v = optim.adam_update(w, x.T @ error / len(y), m, v, t, lr=lr)
    return float(losses.binary_cross_entropy_with_logits(x @ w, y))
