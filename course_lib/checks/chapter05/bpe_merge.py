"""5.5 One merge of byte-pair encoding."""

from course_lib.chatbot import bpe

from ..spec import Exercise, Mistake


def bpe_merge(ids, pair, new):
    """Replace each occurrence of the pair (left, right) by the id `new`, from left to right; returns a list."""
    out = []
    i = 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == tuple(pair):
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def reference(ids, pair, new):
    """The tokenizer's own."""
    return bpe.merge(ids, tuple(pair), new)


def cases(rng):
    """Short texts over two and three letters, so that pairs touch and overlap."""
    for n, letters in ((3, 2), (4, 2), (6, 2), (8, 3), (12, 2)):
        yield [int(i) for i in rng.integers(0, letters, n)], (0, 1), 9
        yield [int(i) for i in rng.integers(0, letters, n)], (1, 1), 7


def overlapping(ids, pair, new):
    """Every position where the pair begins, whether or not it was used up."""
    hits = [i for i in range(len(ids) - 1) if (ids[i], ids[i + 1]) == tuple(pair)]
    return [new if i in hits else t for i, t in enumerate(ids) if i - 1 not in hits or i in hits]


def by_flags(ids, pair, new):
    """From the left, with a flag for a token that was used up."""
    out, used = [], False
    for i, token in enumerate(ids):
        hit = not used and i + 1 < len(ids) and (token, ids[i + 1]) == tuple(pair)
        if not used:
            out.append(new if hit else token)
        used = hit
    return out


HIT, MISS = "            out.append(new)\n            i += 2\n", "            out.append(ids[i])\n            i += 1\n"

EXERCISE = Exercise(
    id="5.5",
    title="One merge of byte-pair encoding",
    answer=bpe_merge,
    reference=reference,
    cases=cases,
    edges=(
        ([], (0, 1), 9),
        ([0], (0, 1), 9),
        ([0, 1], (0, 1), 9),
        ([1, 0], (0, 1), 9),
        ([1, 1, 1], (1, 1), 7),
        ([1, 1, 1, 1], (1, 1), 7),
        ([0, 0, 1, 1], (0, 1), 9),
        ([2, 0, 1, 0, 1, 0], (0, 1), 9),
        ([7, 1, 1, 7], (1, 1), 7),
        ([11, 1, 12, 1, 1], (1, 1), 300),  # ids are numbers, not digits
    ),
    mistakes=(
        Mistake("first-only", {"            i += 2\n": "            i += 2\n            return out + list(ids[i:])\n"},
                "Only the first occurrence is replaced. Go on to the end of the list."),
        Mistake("overlapping", overlapping,
                "Of three equal tokens in a row the middle one is used twice. A token that was merged is gone: go on "
                "two "
                "places further."),
        Mistake("right-kept", {"i += 2": "i += 1"},
                "The right half of a merged pair stays in the list. Step two places further after a merge."),
        Mistake("either-order", {"== tuple(pair)": "in (tuple(pair), tuple(pair)[::-1])"},
                "It merges (right, left) too. The order counts: \"ab\" is not \"ba\"."),
        Mistake("pair-and-new", {"out.append(new)": "out.extend([*pair, new])"},
                "The pair stays in the list beside the new id. The new id replaces both."),
        Mistake("last-lost", {"while i < len(ids)": "while i < len(ids) - 1"},
                "The last token is lost when it is not part of a pair: the loop ends one too early."),
        Mistake("left-only", {"tuple(ids[i : i + 2]) == tuple(pair)": "ids[i] == pair[0]"},
                "It replaces whenever the left half matches. Both neighbours must match."),
        Mistake("twice-new", {"out.append(new)": "out.extend([new, new])"},
                "Two ids go in for one pair: the text does not get shorter. One new id replaces both."),
        Mistake("removed", {"            out.append(new)\n": ""},
                "The pair is removed and nothing stands in its place: append the new id."),
        Mistake("from-the-right", lambda ids, pair, new: by_flags(ids[::-1], tuple(pair)[::-1], new)[::-1],
                "It works from the right: of three equal tokens the last two are merged. Begin at the left."),
        Mistake("writes-input", lambda ids, pair, new: _in_place(ids, pair, new)),
    ),
    right=(by_flags, lambda ids, pair, new: [*reference(ids, pair, new)]),
    hints=(
        "Walk through the list with an index; look at ids[i] and ids[i + 1].",
        "After a merge go on two places further, otherwise one.",
        "tuple(ids[i:i+2]) == tuple(pair) is False by itself at the last token, where the slice is short.",
    ),
    minutes=10,
    difficulty=1,
    claims=("S0-5.2-tokenisation-zh", "S1-5.2-tokenizer-prose"),
)


def _in_place(ids, pair, new):
    """Right, but the list that came in is changed."""
    found = reference(ids, pair, new)
    ids[:] = found
    return found
