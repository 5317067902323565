"""Byte-level byte-pair encoding: text to token ids and exactly back. Pure Python; `bpe.train_bpe` learns the merges.

Sennrich, Haddow & Birch, ACL 2016; on bytes: Radford et al., 2019.
"""

import heapq
import itertools
import json
import operator
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from course_lib.chatbot.splitting import SPLITS, chunks

FORMAT = "course-bpe-1"
CACHE_SIZE = 50_000  # chunks; words repeat, so nearly all are found here


class Tokenizer:
    """Token ids for any text, and the text for any token ids.

    The first tokens are the 256 bytes, so nothing is unknown. Of the pairs of neighbours in a chunk, the one whose
    merge was learned first is merged first, until no learned pair is left.

    Parameters
    ----------
    vocab : sequence of bytes
        What each id stands for. All 256 single bytes must be there, unless `unknown` is given.
    merges : sequence of (int, int)
        Pairs of ids in the order learned; the two joined must be in `vocab`.
    special : dict from str to int
        Control tokens and their ids. Text never yields one unless ``encode`` is told so.
    split : {"digits", "gpt2"}
        See `splitting.chunks`.
    unknown : int, optional
        The id of bytes that are no token (some published vocabularies lack control characters): decoding loses them.
    """

    def __init__(
        self, vocab: Sequence[bytes], merges: Sequence[tuple[int, int]], special=None, split="digits", unknown=None
    ):
        self.vocab, self.merges, self.special = list(vocab), [tuple(m) for m in merges], dict(special or {})
        if split not in SPLITS:
            raise ValueError(f"Tokenizer: split must be one of {', '.join(SPLITS)}, got {split!r}")
        self.split, self.unknown = split, unknown
        reserved = set(self.special.values())
        ids = {token: i for i, token in enumerate(self.vocab) if i not in reserved}
        self._bytes, self._ranks = _check(self, ids)
        self._cache: dict[str, tuple[int, ...]] = {}
        names = sorted(self.special, key=len, reverse=True)
        self._special = re.compile(f"({'|'.join(map(re.escape, names))})") if names else None

    def __len__(self):
        return len(self.vocab)

    def encode(self, text: str, allow_special: bool = False) -> list[int]:
        """Token ids of a text.

        Parameters
        ----------
        text : str
            Anything, lone surrogates included: they become the three bytes that UTF-8 would give them.
        allow_special : bool
            Whether "<|end|>" in the text means the control token. Leave it False for what users write: then it is
            seven characters like any others.
        """
        if not isinstance(text, str):
            raise TypeError(f"encode: text must be a str, got {type(text).__name__}")
        if not (allow_special and self._special):
            return [i for chunk in chunks(text, self.split) for i in self._chunk(chunk)]
        ids: list[int] = []
        for piece in self._special.split(text):
            ids += [self.special[piece]] if piece in self.special else self.encode(piece)
        return ids

    def decode(self, ids: Iterable[int], errors: str = "replace") -> str:
        """Text of token ids; ``decode(encode(text)) == text`` for every Unicode text.

        Parameters
        ----------
        ids : iterable of int
        errors : {"replace", "strict", "surrogatepass"}
            What becomes of bytes that are not UTF-8: U+FFFD, an error, or, for lone surrogates, themselves (then the
            round trip is exact for every str; but such a str can be neither printed nor sent).
        """
        return self.decode_bytes(ids).decode("utf-8", errors)

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """Bytes of token ids. A model may well end amid a character.

        Raises
        ------
        TypeError
            If these are no whole numbers.
        ValueError
            Naming an id that is outside the vocabulary.
        """
        try:
            ids = list(map(operator.index, ids))
        except TypeError as error:
            raise TypeError(f"decode: ids must be whole numbers, one after the other ({error})") from None
        if bad := [i for i in ids if not 0 <= i < len(self.vocab)]:
            raise ValueError(f"decode: id {bad[0]} is outside the vocabulary of {len(self.vocab)} tokens")
        return b"".join(self.vocab[i] for i in ids)

    def _chunk(self, chunk: str) -> tuple[int, ...]:
        if (ids := self._cache.get(chunk)) is None:
            data = chunk.encode("utf-8", "surrogatepass")
            ids = tuple(merge_all([self._bytes[b] for b in data], self._ranks))
            if len(self._cache) < CACHE_SIZE:
                self._cache[chunk] = ids
        return ids

    def save(self, path: str | Path) -> None:
        """Write a JSON file: plain data, nothing that could run."""
        special = set(self.special.values())
        vocab = ["" if i in special else _to_text(token) for i, token in enumerate(self.vocab)]
        state = {"format": FORMAT, "split": self.split, "special": self.special, "unknown": self.unknown}
        state |= {"vocab": vocab, "merges": self.merges}
        Path(path).write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "Tokenizer":
        """Read a file that `save` wrote.

        Raises
        ------
        ValueError
            Naming the file, if it holds something else.
        """
        path = Path(path)
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
            if state["format"] != FORMAT:
                raise ValueError(f"format {state['format']!r}, expected {FORMAT!r}")
            special = state["special"]
            names = {i: name for name, i in special.items()}
            vocab = [names[i].encode() if i in names else _to_bytes(t) for i, t in enumerate(state["vocab"])]
            return cls(vocab, state["merges"], special, state["split"], state["unknown"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{path.name}: is not a tokenizer file ({type(error).__name__}: {error})") from None

    @classmethod
    def from_gpt2(cls, tokens: Sequence[str], merges: Sequence[str], special: dict, split="gpt2", unknown=None):
        """From lists in GPT-2's alphabet (vocab.json, merges.txt, GGUF): tokens by id, merges as "left right"."""
        names = {i: name for name, i in special.items()}
        ids = {token: i for i, token in enumerate(tokens) if i not in names}
        vocab = [names[i].encode() if i in names else _to_bytes(t) for i, t in enumerate(tokens)]
        try:
            pairs = [tuple(ids[part] for part in m.split(" ")) for m in merges]
        except KeyError as error:
            raise ValueError(f"from_gpt2: a merge joins {error.args[0]!r}, which is no token") from None
        return cls(vocab, pairs, special, split, unknown)


def merge_all(ids: list[int], ranks: dict[tuple[int, int], tuple[int, int]]) -> list[int]:
    """Apply merges to a chunk, the lowest rank first, in O(n log n): a million letters without a space are no trap.

    Parameters
    ----------
    ids : list of int
    ranks : dict from (left, right) to (rank, merged id)
    """
    ids, n = list(ids), len(ids)
    after, before = list(range(1, n + 1)), list(range(-1, n - 1))  # neighbours still alive
    heap = [(ranks[pair][0], i) for i, pair in enumerate(itertools.pairwise(ids)) if pair in ranks]
    heapq.heapify(heap)
    while heap:
        rank, i = heapq.heappop(heap)
        j = after[i]
        found = ranks.get((ids[i], ids[j])) if j < n and ids[i] is not None else None
        if found is None or found[0] != rank:
            continue  # one of the two has been merged meanwhile
        ids[i], ids[j] = found[1], None
        after[i] = after[j]
        if after[i] < n:
            before[after[i]] = i
        for left in (before[i], i):
            right = after[left] if left >= 0 else n
            if right < n and (new := ranks.get((ids[left], ids[right]))):
                heapq.heappush(heap, (new[0], left))
    return [i for i in ids if i is not None]


@cache
def byte_alphabet() -> tuple[str, ...]:
    """GPT-2's printable character for each byte: itself where it is printable Latin-1, else from U+0100 on."""
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return tuple(chr(b if b in plain else next(others)) for b in range(256))


def _to_text(token: bytes) -> str:
    return "".join(byte_alphabet()[b] for b in token)


@cache
def _bytes_of_alphabet():
    return {c: b for b, c in enumerate(byte_alphabet())}


def _to_bytes(token: str) -> bytes:
    try:
        return bytes(_bytes_of_alphabet()[c] for c in token)
    except KeyError as error:
        raise ValueError(f"token {token!r} holds {error.args[0]!r}, which stands for no byte") from None


def _check(tokenizer: Tokenizer, ids: dict[bytes, int]):
    """Ids of the 256 bytes, and (rank, merged id) for each pair; insist that they fit the vocabulary."""
    vocab = tokenizer.vocab
    missing = [b for b in range(256) if bytes([b]) not in ids]
    if missing and tokenizer.unknown is None:
        raise ValueError(f"Tokenizer: vocab lacks byte {missing[0]}; it must hold all 256")
    if missing and (type(tokenizer.unknown) is not int or not 0 <= tokenizer.unknown < len(vocab)):
        raise ValueError(f"Tokenizer: unknown must be an id below {len(vocab)}, got {tokenizer.unknown!r}")
    for name, i in tokenizer.special.items():
        if not name or type(i) is not int or not 0 <= i < len(vocab):
            raise ValueError(f"Tokenizer: special token {name!r} has no place in a vocabulary of {len(vocab)}: {i!r}")
    ranks: dict[tuple[int, int], tuple[int, int]] = {}
    for rank, pair in enumerate(tokenizer.merges):
        if len(pair) != 2 or not all(type(i) is int and 0 <= i < len(vocab) for i in pair):
            raise ValueError(f"Tokenizer: merge {rank} must be two ids below {len(vocab)}, got {pair}")
        if (merged := ids.get(vocab[pair[0]] + vocab[pair[1]])) is None:
            raise ValueError(f"Tokenizer: merge {rank}, {pair}, makes a token that is not in vocab")
        ranks.setdefault(pair, (rank, merged))
    return [ids.get(bytes([b]), tokenizer.unknown) for b in range(256)], ranks
