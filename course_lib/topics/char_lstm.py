"""A text generator that is trained on what it is asked to do: the next character, given those before it.

Graves, Generating Sequences With Recurrent Neural Networks, 2013. The measure is bits per character on text that was
held out; guessing uniformly, by frequency, and by the previous character are the baselines.
"""

import numpy as np

from course_lib import arithmetic, losses, nn, optim
from course_lib.activations import softmax
from course_lib.autograd import no_grad
from course_lib.training import Trainer

UNKNOWN = "\ufffd"  # stands for every character that the training text does not have


def alphabet(text: str) -> str:
    """All characters of the training text in order, after `UNKNOWN`."""
    return UNKNOWN + "".join(sorted(set(text)))


def encode(text: str, letters: str) -> np.ndarray:
    """Index of each character in `letters`, 0 for those that are not in it."""
    place = {letter: i for i, letter in enumerate(letters)}
    return np.array([place.get(letter, 0) for letter in text], dtype=np.int64)


def windows(ids, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a sequence into inputs and targets (N, length): the target is the input, one place further on.

    Windows lie side by side; what fills no whole window is left out.

    Raises
    ------
    ValueError
        If the sequence has no room for one window and the character after it.
    """
    ids = np.asarray(ids)
    n = (len(ids) - 1) // length if length > 0 else 0
    if n < 1:
        raise ValueError(f"windows: {len(ids)} characters hold no window of length {length} and its next character")
    return ids[: n * length].reshape(n, length), ids[1 : n * length + 1].reshape(n, length)


class CharLSTM(nn.Module):
    """Characters (N, T) → logits (N, T, V) of the next character at every place.

    Parameters
    ----------
    letters : str
        The V characters, as from `alphabet`.
    hidden, embedding : int
    rng : numpy.random.Generator, optional
    """

    def __init__(self, letters: str, hidden: int = 64, embedding: int = 16, *, rng=None):
        self.letters = letters
        self.embedding = nn.Embedding(len(letters), embedding, rng=rng)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True, rng=rng)
        self.out = nn.Linear(hidden, len(letters), rng=rng)

    def forward(self, ids):
        """Return the logits; the state starts at zero in every window."""
        return self.step(ids)[0]

    def step(self, ids, state=None):
        """Return the logits and the state to go on from."""
        h, state = self.lstm(self.embedding(ids), state)
        return self.out(h), state


def loss(logits, target):
    """Mean cross-entropy over all places; logits (N, T, V), target (N, T)."""
    return losses.cross_entropy(arithmetic.reshape(logits, (-1, logits.shape[-1])), np.asarray(target).ravel())


def train(model, ids, *, length=64, batch_size=16, steps=300, lr=1e-2, seed=0) -> Trainer:
    """Train on windows for a number of optimizer steps; return the trainer with its history."""
    optimizer = optim.Adam(model.parameters(), lr=lr)
    trainer = Trainer(model, optimizer, loss, windows(ids, length), batch_size=batch_size, metrics={}, seed=seed)
    for _ in range(steps):
        trainer.step()
    return trainer


def bits(model, ids, length: int = 256) -> float:
    """Bits per character: mean -log2 p(next character), read in windows of this length."""
    x, y = windows(ids, length)
    with no_grad():
        return float(loss(model(x), y).data) / np.log(2)


def ngram_bits(train_ids, ids, letters: int, order: int, prior: float = 1.0) -> float:
    """Bits per character of counting: order 1 looks at no character before, order 2 at one, order 3 at two.

    p(c | context) = (count + prior·p'(c)) / (total + prior), with p' the estimate of the order below and 1 / V at the
    bottom: nothing has probability zero.
    """
    if order < 0:
        raise ValueError(f"ngram_bits: order must be 0 or more, got {order}")
    p = np.full(len(ids), 1 / letters)
    for n in range(1, order + 1):
        seen, total = _counts(train_ids, n), _counts(train_ids[:-1] if n > 1 else train_ids, n - 1)
        grams = [tuple(ids[max(0, i - n + 1) : i + 1]) for i in range(len(ids))]
        count = np.array([seen.get(gram, 0) for gram in grams])
        base = np.array([total.get(gram[:-1], 0) for gram in grams])
        p = np.where([len(gram) == n for gram in grams], (count + prior * p) / (base + prior), p)
    return float(-np.log2(p).mean())


def _counts(ids, n):
    """How often each run of n characters occurs; for n = 0, how many characters there are."""
    counts = {}
    for i in range(len(ids) - n + 1 if n else len(ids)):
        gram = tuple(ids[i : i + n])
        counts[gram] = counts.get(gram, 0) + 1
    return counts


def generate(model, prompt: str, length: int, temperature: float = 1.0, rng=None) -> str:
    """Draw characters one after the other from softmax(logits / temperature); temperature 0 takes the likeliest.

    Raises
    ------
    ValueError
        If the prompt is empty or the temperature negative.
    """
    if not prompt or temperature < 0:
        raise ValueError(f"generate: needs a prompt and a temperature of 0 or more, got {prompt!r} and {temperature}")
    rng = rng or np.random.default_rng(0)
    ids, state, out = encode(prompt, model.letters)[None], None, prompt
    with no_grad():
        for _ in range(length):
            logits, state = model.step(ids, state)
            ids = np.array([[_draw(logits.data[0, -1].astype(float), temperature, rng)]])
            out += model.letters[ids.item()]
    return out


def _draw(logits, temperature, rng) -> int:
    logits[0] = -np.inf  # the unknown character is never written
    if temperature == 0:
        return int(logits.argmax())
    return int(rng.choice(len(logits), p=softmax(logits / temperature)))
