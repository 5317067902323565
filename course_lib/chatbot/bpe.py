"""Learning the merges of byte-pair encoding from text. Sennrich, Haddow & Birch, ACL 2016."""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from course_lib.chatbot.splitting import chunks
from course_lib.chatbot.tokenizer import Tokenizer

Pair = tuple[int, int]


def train_bpe(texts: Iterable[str], vocab_size: int, special: Sequence[str] = (), split: str = "digits") -> Tokenizer:
    """Merge the most frequent pair of neighbouring tokens, again and again; of equals, the one with the lower ids.

    Ids: the 256 bytes, the merged tokens in the order learned, the special tokens last. Stops early when every pair
    left occurs once.

    Parameters
    ----------
    texts : iterable of str
    vocab_size : int
        At least 256 + len(special).
    special : sequence of str
        Control tokens.
    split : {"digits", "gpt2"}
    """
    if isinstance(texts, str):
        raise TypeError("train_bpe: texts must be several texts, got one str; put it into a list")
    if len(set(special)) < len(special) or not all(special):
        raise ValueError(f"train_bpe: special tokens must differ and not be empty, got {list(special)}")
    if vocab_size < 256 + len(special):
        raise ValueError(f"train_bpe: vocab_size must be at least 256 + {len(special)} special, got {vocab_size}")
    counts = Counter(chunk for text in texts for chunk in chunks(text, split))
    words = [list(chunk.encode("utf-8", "surrogatepass")) for chunk in counts]
    merges = learn_merges(words, list(counts.values()), vocab_size - 256 - len(special))
    vocab = [bytes([b]) for b in range(256)]
    for left, right in merges:
        vocab.append(vocab[left] + vocab[right])
    ids = {name: len(vocab) + i for i, name in enumerate(special)}
    return Tokenizer([*vocab, *(name.encode() for name in special)], merges, ids, split)


def learn_merges(words: list[list[int]], counts: list[int], n: int) -> list[Pair]:
    """At most n merges. `words` are changed in place; each occurs `counts` times.

    Only the words that hold the merged pair are touched. The heap is lazy: an entry whose count is out of date is
    corrected when it comes up.
    """
    totals: Counter = Counter()
    homes: defaultdict[Pair, set[int]] = defaultdict(set)
    for w, word in enumerate(words):
        for pair in itertools.pairwise(word):
            totals[pair] += counts[w]
            homes[pair].add(w)
    heap = [(-count, pair) for pair, count in totals.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(merges) < n:
        count, pair = heapq.heappop(heap)
        if -count != totals[pair]:
            if totals[pair] > 1:
                heapq.heappush(heap, (-totals[pair], pair))
            continue
        if -count < 2:
            break
        changed = _merge_everywhere(pair, 256 + len(merges), words, counts, totals, homes)
        for other in changed:
            heapq.heappush(heap, (-totals[other], other))
        merges.append(pair)
    return merges


def _merge_everywhere(pair, new, words, counts, totals, homes) -> set[Pair]:
    """Merge a pair in every word that holds it, and keep the books; return the pairs that are new."""
    changed = set()
    for w in homes.pop(pair):
        old = list(zip(words[w], words[w][1:], strict=False))
        words[w] = merge(words[w], pair, new)
        for gone in old:
            totals[gone] -= counts[w]
        for here in zip(words[w], words[w][1:], strict=False):
            totals[here] += counts[w]
            homes[here].add(w)
            if new in here:
                changed.add(here)
    del totals[pair]
    return changed


def merge(ids: Sequence[int], pair: Pair, new: int) -> list[int]:
    """Replace each (left, right) by `new`, from the left: (a, a) in a a a gives new a."""
    out, i = [], 0
    while i < len(ids):
        both = tuple(ids[i : i + 2]) == pair
        out.append(new if both else ids[i])
        i += 2 if both else 1
    return out
