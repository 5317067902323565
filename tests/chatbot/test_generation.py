"""Generation: the same with and without cache, alone and in a batch; sampling as its definitions say; stops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.chatbot.generation import generate, stream
from course_lib.chatbot.numpy_decoder import NumpyDecoder
from course_lib.chatbot.sampling import Sampling, distribution, draw, penalise, top_k, top_p
from course_lib.chatbot.weights import to_arrays
from tests.chatbot.models import CONFIGS, make

PROMPTS = [[1, 2, 3], [5], [9, 8, 7, 6, 5, 4], [30, 31]]
WILD = Sampling(1.0, top_k=30, top_p=0.95, repetition_penalty=1.1, seed=4)


@torch.no_grad()
def greedy_by_hand(model, prompt, n):
    """Without a cache: the whole sequence again for every token."""
    ids = list(prompt)
    for _ in range(n):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    return ids[len(prompt) :]


@pytest.mark.parametrize("name", CONFIGS)
def test_greedy_is_the_definition(name):
    model = make(name)
    assert generate(model, PROMPTS[:1], 20) == [greedy_by_hand(model, PROMPTS[0], 20)]


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("sampling", [Sampling(), WILD])
@pytest.mark.parametrize("numpy_only", [False, True])
def test_a_batch_is_each_prompt_alone(name, sampling, numpy_only):
    model = make(name)
    model = NumpyDecoder(model.config, to_arrays(model)) if numpy_only else model
    alone = [generate(model, [p], 15, sampling)[0] for p in PROMPTS]
    assert generate(model, PROMPTS, 15, sampling) == alone


def test_each_prompt_may_have_its_own_sampling():
    model, rules = make(), [Sampling(1.0, seed=i) for i in range(4)]
    alone = [generate(model, [[1, 2]], 10, rule)[0] for rule in rules]
    assert generate(model, [[1, 2]] * 4, 10, rules) == alone
    assert len({tuple(a) for a in alone}) == 4  # other seeds, other texts


@pytest.mark.parametrize("stop", [(), [[7]], [[3, 4], [5]]])
def test_streaming_gives_what_generate_gives(stop):
    model = make()
    for seed in range(20):
        rule = Sampling(1.5, seed=seed)
        assert list(stream(model, [1, 2], 25, rule, stop)) == generate(model, [[1, 2]], 25, rule, stop)[0]


class Scripted:
    """A model that says what it is told to."""

    config = CONFIGS["llama"]

    def __init__(self, *texts):
        self.texts, self.steps = texts, 0

    def session(self, prompts, room):
        self.at = 0
        return self

    @property
    def logits(self):
        return np.eye(60)[[text[min(self.at, len(text) - 1)] for text in self.texts]]

    def step(self, tokens):
        self.at, self.steps = self.at + 1, self.steps + 1


def test_stop_sequences_end_and_are_left_out():
    model = Scripted([1, 2, 3, 4, 5], [1, 3, 9, 9, 9])
    assert generate(model, [[0], [0]], 5, stop=[[3, 4], [9, 9]]) == [[1, 2], [1, 3]]
    assert generate(Scripted([1, 2, 3]), [[0]], 3, stop=[[2, 3], [3]]) == [[1]]  # the longest that fits
    assert list(stream(Scripted([1, 1, 2, 1]), [0], 4, stop=[[1, 1, 3]])) == [1, 1, 2, 1]  # only looked like a stop
    assert generate(Scripted([3, 5, 6]), [[1, 2]], 3, stop=[[2, 3]]) == [[3, 5, 6]]  # the prompt does not count


def test_work_ends_when_all_are_done():
    model = Scripted([1, 2, 3, 4, 5, 6, 7])
    generate(model, [[0]], 7, stop=[[2]])
    assert model.steps == 1
    words = stream(model, [0], 7)
    next(words)
    words.close()
    assert model.steps == 1


PROBABILITIES = st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=12).map(np.array)


@settings(max_examples=200, deadline=None)
@given(x=PROBABILITIES, t=st.floats(0.2, 5), k=st.none() | st.integers(1, 14), p=st.none() | st.floats(0.05, 1))
def test_what_is_kept_sums_to_one_and_holds_the_best(x, t, k, p):
    q = distribution(x, Sampling(t, k, p))
    kept = np.flatnonzero(q)
    assert np.isclose(q.sum(), 1)
    assert q.argmax() == x.argmax() or np.isclose(x[q.argmax()], x.max())
    assert len(kept) <= (k or len(x))
    assert x[kept].min() >= np.delete(x, kept).max(initial=-np.inf) - 1e-9  # nothing better was left out


@settings(max_examples=200, deadline=None)
@given(x=PROBABILITIES, share=st.floats(0.05, 0.999))
def test_top_p_is_the_smallest_set_that_reaches_the_share(x, share):
    p = np.exp(x) / np.exp(x).sum()
    kept = np.sort(p[np.flatnonzero(top_p(p, share))])
    assert kept.sum() >= share - 1e-9
    assert kept[1:].sum() < share + 1e-9


def test_filters_are_those_of_transformers():
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    from transformers.generation import logits_process as theirs

    rng = np.random.default_rng(0)
    for _ in range(20):
        x, seen = rng.normal(0, 3, 40), rng.integers(0, 40, 10)
        rule = Sampling(float(rng.uniform(0.3, 2)), int(rng.integers(1, 40)), float(rng.uniform(0.1, 0.99)), 1.3)
        scores, ids = torch.tensor(x)[None], torch.tensor(seen)[None]
        for process in (
            theirs.RepetitionPenaltyLogitsProcessor(1.3), theirs.TemperatureLogitsWarper(rule.temperature),
            theirs.TopKLogitsWarper(rule.top_k), theirs.TopPLogitsWarper(rule.top_p),
        ):  # fmt: skip
            scores = process(ids, scores)
        np.testing.assert_allclose(distribution(x, rule, seen), scores.softmax(-1)[0].numpy(), atol=1e-9)
    assert transformers.__version__


def test_draws_follow_the_distribution():
    x, rule, rng = np.array([0.0, 1.0, 2.0, -1.0]), Sampling(0.7, top_k=3), np.random.default_rng(0)
    counts = np.bincount([draw(x, rule, rng) for _ in range(20_000)], minlength=4) / 20_000
    np.testing.assert_allclose(counts, distribution(x, rule), atol=0.015)


def test_the_penalty_moves_seen_tokens_down():
    x = np.array([2.0, -2.0, 1.0])
    np.testing.assert_allclose(penalise(x, [0, 1, 0], 2.0), [1.0, -4.0, 1.0])
    assert draw(x, Sampling(0, repetition_penalty=3.0), np.random.default_rng(0), [0]) == 2
    np.testing.assert_array_equal(top_k(np.array([0.5, 0.25, 0.25]), 2), [2 / 3, 1 / 3, 0])  # of equals the first


@pytest.mark.parametrize(
    ("bad", "message"),
    [({"temperature": -1}, "temperature"), ({"top_k": 0}, "top_k"), ({"top_p": 0}, "top_p"), ({"top_p": 1.5}, "top_p"),
     ({"repetition_penalty": 0}, "repetition"), ({"seed": -1}, "seed"), ({"temperature": float("nan")}, "temp")],
)  # fmt: skip
def test_bad_sampling_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**bad)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(([[]],), "prompt 0 is empty"), (([[1], [60]],), "prompt 1 holds id 60"), (([[1]], 48), "block_size 48"),
     (([[1]], -1), "max_new_tokens"), (([[1]], 5, [Sampling()] * 2), "one Sampling"), (([[1]], 5, None, [[]]), "stop")],
)  # fmt: skip
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        generate(make(), *arguments)


def test_nothing_asked_nothing_given():
    assert generate(make(), [], 5) == []
    assert generate(make(), [[1]], 0) == [[]]
