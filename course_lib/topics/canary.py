"""A secret in the training text: how often must a small language model read it before it can be read out again?"""

import numpy as np

from course_lib import losses, nn, optim
from course_lib.activations import log_softmax
from course_lib.autograd import Tensor, no_grad
from course_lib.training import Trainer

CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789 .,"
CONTEXT = 6
SENTENCE = "my pin is {}. "


def encode(text: str) -> np.ndarray:
    """Indices into `CHARACTERS`; whatever is not there becomes a space, runs of spaces one."""
    clean = "".join(c if c in CHARACTERS else " " for c in text.lower())
    return np.array([CHARACTERS.index(c) for c in " ".join(clean.split())])


def insert(text: str, secret: str, times: int, rng) -> str:
    """The text with `SENTENCE` about the secret at `times` random places between words."""
    words = text.split()
    for place in sorted(rng.integers(0, len(words), times), reverse=True):
        words.insert(place, SENTENCE.format(secret).strip())
    return " ".join(words)


def char_model(rng, hidden: int = 64) -> nn.Sequential:
    """The last `CONTEXT` characters (N, 6) → logits of the next (N, characters)."""
    size = len(CHARACTERS)
    return nn.Sequential(nn.Embedding(size, 8, rng=rng), nn.Flatten(), nn.Linear(8 * CONTEXT, hidden, rng=rng),
                         nn.ReLU(), nn.Linear(hidden, size, rng=rng))  # fmt: skip


def train_on(text: str, epochs: int, seed: int = 0) -> nn.Sequential:
    """A `char_model` trained to predict each character of the text from those before it."""
    codes = encode(text)
    windows = np.lib.stride_tricks.sliding_window_view(codes, CONTEXT + 1)
    model = char_model(np.random.default_rng(seed))
    optimizer = optim.Adam(model.parameters(), lr=5e-3)
    data = (windows[:, :-1].copy(), windows[:, -1].copy())
    Trainer(model, optimizer, losses.cross_entropy, data, batch_size=128, metrics={}, seed=seed).run(epochs)
    return model


def secret_losses(model, digits: int = 4) -> np.ndarray:
    """-log p of every secret of so many digits after the sentence's beginning: (10**digits,), 0000 first."""
    start = encode(SENTENCE.split("{")[0] + "0")[:-1]
    codes, total = np.tile(start, (1, 1)), np.zeros(1)
    figures = encode("0123456789")
    for _ in range(digits):
        with no_grad():
            log_p = np.asarray(log_softmax(model(Tensor(codes[:, -CONTEXT:])).data))[:, figures]  # (M, 10)
        total = (total[:, None] - log_p).ravel()
        codes = np.column_stack([np.repeat(codes, 10, 0), np.tile(figures, len(codes))])
    return total
