"""Text, token by token, from any model that has a `session`: `Transformer` or, without PyTorch, `NumpyDecoder`."""

import operator
from collections.abc import Iterator, Sequence

import numpy as np

from course_lib.chatbot.sampling import Sampling, draw

Stop = Sequence[Sequence[int]]


def generate(
    model, prompts: Sequence[Sequence[int]], max_new_tokens: int = 64,
    sampling: Sampling | Sequence[Sampling] | None = None, stop: Stop = (),
) -> list[list[int]]:
    """Continue several prompts at once; each is continued as it would be alone.

    Parameters
    ----------
    model : Transformer or NumpyDecoder
    prompts : sequence of sequences of token ids
        Of any lengths, none empty.
    max_new_tokens : int
        At most so many for each; prompt and new tokens together must fit into the model's block_size.
    sampling : Sampling, or one for each prompt
        Greedy by default. Every prompt has a generator of its own, seeded by its sampling's seed.
    stop : sequence of sequences of token ids
        A sequence that ends with one of these is complete.

    Returns
    -------
    list of list of int
        The new tokens of each prompt, without the stop sequence.
    """
    found: list[list[int]] = [[] for _ in prompts]
    for tokens in _steps(model, prompts, max_new_tokens, sampling, stop):
        for new, token in zip(found, tokens, strict=True):
            if token is not None:
                new.append(token)
    return [_without_stop(new, stop) for new in found]


def stream(
    model, prompt: Sequence[int], max_new_tokens: int = 64, sampling: Sampling | None = None, stop: Stop = ()
) -> Iterator[int]:
    """Yield the new tokens of one prompt as they are drawn; those that might begin a stop sequence wait.

    Closing the iterator ends the work.
    """
    held: list[int] = []
    for (token,) in _steps(model, [prompt], max_new_tokens, sampling, stop):
        held.append(token)
        if any(_ends_with(held, s) for s in stop):
            held = _without_stop(held, stop)
            break
        wait = max((_overlap(held, s) for s in stop), default=0)
        while len(held) > wait:
            yield held.pop(0)
    yield from held


def _steps(model, prompts, max_new_tokens, sampling, stop) -> Iterator[list[int | None]]:
    """The next token of each prompt, None for those that are complete, until all are."""
    prompts, rules = _check(model, prompts, max_new_tokens, sampling, stop)
    rngs = [np.random.default_rng(rule.seed) for rule in rules]
    seen, done = [list(p) for p in prompts], [False] * len(prompts)
    session = model.session(prompts, max_new_tokens - 1) if max_new_tokens and prompts else None
    for n in range(max_new_tokens):
        if all(done):
            return
        tokens: list[int | None] = [None] * len(prompts)
        logits = session.logits  # (B, V)
        for i in (i for i in range(len(prompts)) if not done[i]):
            tokens[i] = draw(logits[i], rules[i], rngs[i], seen[i])
            seen[i].append(tokens[i])
            done[i] = any(_ends_with(seen[i][len(prompts[i]) :], s) for s in stop)
        yield tokens
        if n + 1 < max_new_tokens and not all(done):
            session.step([0 if t is None else t for t in tokens])


def _ends_with(tokens, end):
    return len(tokens) >= len(end) and list(tokens[-len(end) :]) == list(end)


def _without_stop(tokens, stop):
    longest = max((len(s) for s in stop if _ends_with(tokens, s)), default=0)
    return tokens[: len(tokens) - longest]


def _overlap(tokens, end):
    """How many tokens at the end may be the beginning of `end`."""
    return max((n for n in range(1, min(len(tokens), len(end)) + 1) if _ends_with(tokens, end[:n])), default=0)


def _check(model, prompts, max_new_tokens, sampling, stop) -> tuple[list[list[int]], list[Sampling]]:
    """Insist on arguments that make sense; return the prompts as lists and one Sampling for each."""
    if type(max_new_tokens) is not int or max_new_tokens < 0:
        raise ValueError(f"generate: max_new_tokens must be a whole number of at least 0, got {max_new_tokens!r}")
    vocab, block = model.config.vocab_size, model.config.block_size
    prompts = [_ids(f"prompt {i}", prompt, vocab) for i, prompt in enumerate(prompts)]
    longest = max(map(len, prompts), default=0)
    if longest + max_new_tokens > block:
        raise ValueError(f"generate: {longest} tokens and max_new_tokens={max_new_tokens} exceed block_size {block}")
    for i, end in enumerate(stop):
        _ids(f"stop sequence {i}", end, vocab)
    rules = [sampling or Sampling()] * len(prompts) if sampling is None or isinstance(sampling, Sampling) else sampling
    if len(rules) != len(prompts) or not all(isinstance(rule, Sampling) for rule in rules):
        raise ValueError(f"generate: {len(prompts)} prompts need one Sampling or {len(prompts)}, got {sampling!r}")
    return prompts, list(rules)


def _ids(name, ids, vocab) -> list[int]:
    """Token ids as a list of whole numbers below `vocab`, not empty."""
    try:
        ids = list(map(operator.index, ids))
    except TypeError:
        raise TypeError(f"generate: {name} must be a sequence of token ids, got {str(ids)[:60]!r}") from None
    if not ids:
        raise ValueError(f"generate: {name} is empty; it needs at least one token")
    if bad := [i for i in ids if not 0 <= i < vocab]:
        raise ValueError(f"generate: {name} holds id {bad[0]}, outside the vocabulary of {vocab} tokens")
    return ids
