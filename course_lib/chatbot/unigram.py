"""A tokenizer that takes the most probable pieces: Unigram, as SentencePiece has it. Kudo, ACL 2018."""

import re

SPACE = "\N{LOWER ONE EIGHTH BLOCK}"  # ▁ stands for a space; each word begins with one
UNKNOWN = 10.0  # an unknown character is so many nats less probable than the rarest piece


class Unigram:
    """Text to token ids and back; of all ways to cut a word into pieces, the one whose log-probabilities sum highest.

    Parameters
    ----------
    pieces : list of str
        A piece's id is its place.
    scores : sequence of float
        Log-probability of each.
    ends : tuple of int
        Ids of the tokens before and behind every text.
    unknown : int
        Id of characters that are in no piece; several in a row are one token.
    control : collection of int
        Ids that no text can produce, whatever it says.
    replaced : dict of str → str
        Characters that stand for others (full width for half width, ligatures for their letters).
    """

    def __init__(self, pieces, scores, ends, unknown, control=(), replaced=None):
        self.pieces, self.ends, self.unknown = pieces, ends, unknown
        hidden = {*ends, unknown, *control}
        self.known = {p: (float(s), i) for i, (p, s) in enumerate(zip(pieces, scores, strict=True)) if i not in hidden}
        self.longest = max(map(len, self.known))
        self.worst = min(map(float, scores)) - UNKNOWN
        self.replaced = str.maketrans(replaced or {})

    def __len__(self):
        return len(self.pieces)

    def encode(self, text: str) -> list[int]:
        """Ids of a text, its ends with it."""
        first, last = self.ends
        return [first, *(i for word in self.words(text) for i in self.best(word)), last]

    def decode(self, ids: list[int]) -> str:
        """The text of these ids, without the ends; what was replaced or unknown does not come back."""
        return "".join(self.pieces[i] for i in ids if i not in self.ends).replace(SPACE, " ").removeprefix(" ")

    def words(self, text: str) -> list[str]:
        """The text with its characters replaced, cut before each space."""
        text = re.sub(" {2,}", " ", text.translate(self.replaced))
        return re.findall(f"{SPACE}[^{SPACE}]*", SPACE + text.replace(" ", SPACE).removeprefix(SPACE))

    def best(self, word: str) -> list[int]:
        """Viterbi's search: the best way to write word[:end] ends with the best last piece, for every end in turn."""
        found = [(0.0, 0, 0)]  # score of word[:end], where its last piece begins, that piece's id
        for end in range(1, len(word) + 1):
            options = [(found[end - 1][0] + self.worst, end - 1, self.unknown)]
            for start in range(max(0, end - self.longest), end):
                if known := self.known.get(word[start:end]):
                    options.append((found[start][0] + known[0], start, known[1]))
            found.append(max(options))
        ids, end = [], len(word)
        while end:
            _, end, i = found[end]
            if not (ids and ids[-1] == i == self.unknown):
                ids.append(i)
        return ids[::-1]
