"""Model cards, and parameters counted from an architecture.

The cards are in ``cards.toml``. Each says when a model appeared, what it takes in, how many parameters its authors
state, and, where the architecture is published, the numbers from which `count_parameters` counts them.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Card:
    """A model and where it was published.

    Attributes
    ----------
    date : str
        Year and month of the first paper or announcement, "2020-05": text in this form sorts by time.
    input : str
        What goes in: "text", "images", …
    published : float or None
        Parameters as the authors state them.
    tokens : float or None
        Training tokens processed, as the authors state them.
    family, shape : str, dict
        The architecture; "" where it is not counted here.
    citation : dict
        authors, title, venue, year.
    """

    id: str
    name: str
    date: str
    input: str
    citation: dict
    published: float | None = None
    tokens: float | None = None
    family: str = ""
    shape: dict = field(default_factory=dict)

    @property
    def year(self) -> int:
        """Year in which it appeared."""
        return int(self.date[:4])

    @property
    def parameters(self) -> float | None:
        """Counted if there is an architecture to count, else as published."""
        return count_parameters(self.family, **self.shape) if self.family else self.published


@cache
def cards() -> dict[str, Card]:
    """All cards by id, in the order of their dates."""
    rows = tomllib.loads(files("course_lib.topics").joinpath("cards.toml").read_text("utf-8"))
    return {card.id: card for card in sorted((Card(id, **row) for id, row in rows.items()), key=lambda c: c.date)}


def linear_parameters(n_in: int, n_out: int) -> int:
    """Weights and biases of a fully connected layer: n_in · n_out + n_out."""
    return n_in * n_out + n_out


def block_parameters(d: int, d_ff: int) -> int:
    """Parameters of a transformer block of GPT's and BERT's kind (Vaswani et al., NeurIPS 2017).

    Four d × d projections (query, key, value, output) with biases, a feed-forward part d → d_ff → d with biases, two
    layer norms of 2d each. With d_ff = 4d this is 12d² + 13d. The number of heads does not matter.
    """
    attention = 4 * linear_parameters(d, d)
    feed_forward = linear_parameters(d, d_ff) + linear_parameters(d_ff, d)
    return attention + feed_forward + 2 * 2 * d


def _gpt(vocab, context, d, layers, final_norm=True):
    """Token and position tables, blocks, a last norm; the output layer is the token table again."""
    return (vocab + context) * d + layers * block_parameters(d, 4 * d) + (2 * d if final_norm else 0)


def _bert(vocab, context, types, d, layers):
    """Three tables and their norm, blocks, the pooler (a linear layer); the masked-word head is left out."""
    return (vocab + context + types) * d + 2 * d + layers * block_parameters(d, 4 * d) + linear_parameters(d, d)


def _t5(vocab, d, heads, d_head, d_ff, layers):
    """Encoder and decoder without biases; norms of size d; 32 relative positions for each head on either side."""
    attention, feed_forward = 4 * d * heads * d_head, 2 * d * d_ff
    encoder = attention + feed_forward + 2 * d
    decoder = 2 * attention + feed_forward + 3 * d
    return vocab * d + layers * (encoder + decoder) + 2 * d + 2 * 32 * heads


def _llama(vocab, d, layers, heads, kv_heads, d_ff):
    """No biases; keys and values shared by groups of heads; three matrices (SwiGLU); norms of size d."""
    attention = 2 * d * d + 2 * d * (d // heads) * kv_heads
    return vocab * d + layers * (attention + 3 * d * d_ff + 2 * d) + d


def _vit(patch, image, d, layers, classes):
    """A linear layer on the patches, one class token, positions, blocks, a norm and the classifier."""
    patches = (image // patch) ** 2
    tables = linear_parameters(3 * patch**2, d) + (patches + 2) * d  # class token, and its position too
    return tables + layers * block_parameters(d, 4 * d) + 2 * d + linear_parameters(d, classes)


def _layers(layers):
    """(inputs per unit, units or feature maps) for each layer, one bias per unit or map."""
    return sum(linear_parameters(n_in, n_out) for n_in, n_out in layers)


COUNTS = {"gpt": _gpt, "bert": _bert, "t5": _t5, "llama": _llama, "vit": _vit, "layers": _layers}


def count_parameters(family: str, **shape) -> int:
    """Parameters of an architecture, counted exactly.

    Parameters
    ----------
    family : {"gpt", "bert", "t5", "llama", "vit", "layers"}
    **shape
        The architecture's numbers, such as ``vocab``, ``context``, ``d`` and ``layers`` for "gpt".

    Raises
    ------
    ValueError
        If the family is unknown, or a number is negative.
    """
    if family not in COUNTS:
        raise ValueError(f"count_parameters: family must be one of {', '.join(COUNTS)}, got {family!r}")
    for name, value in shape.items():
        if name != "layers" and value < 0:
            raise ValueError(f"count_parameters: {name} must not be negative, got {value}")
    return COUNTS[family](**shape)
