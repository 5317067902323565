"""SampleLab: the kept set is the library's at every setting, draws follow their probabilities, Step is `generate`."""

import time

import numpy as np
import pytest

from course_lib.chatbot import Sampling, generate, load_chat, sampling
from course_lib.checks.chapter05 import top_p as exercise
from course_lib.widgets import SampleLab
from course_lib.widgets.frames import unpack
from course_lib.widgets.picking import LEAST, checked, deviation, draws, rules, stages

CASES = {
    "tied": [1.0, 2.0, 2.0, 2.0, 1.0, 0.0],
    "all equal": [0.5] * 8,
    "one": [3.0],
    "blocked": [-np.inf, 1.0, -np.inf, 0.5, 0.0],
    "far apart": [100.0, 0.0, -100.0, 99.0],
    "quarters": np.log([0.25, 0.25, 0.25, 0.25]),
    "eighths": np.log([0.5, 0.25, 0.125, 0.125]),
    "many": np.random.default_rng(0).normal(0, 3, 300),
}
SETTINGS = [(T, k, p) for T in (0, 0.01, 0.7, 1, 3) for k in (1, 2, 3, 10**6) for p in (0, 0.25, 0.5, 0.9, 1)]


@pytest.fixture(scope="module")
def chat():
    return load_chat("course")


def told(lab):
    return unpack(lab._buffer, lab._meta["layout"])


@pytest.mark.parametrize("logits", CASES.values(), ids=CASES)
def test_kept_set_and_probabilities_are_the_librarys_at_every_setting(logits):
    x = np.asarray(logits, np.float32)
    lab = SampleLab(x)
    for T, k, p in SETTINGS:
        lab.set(T=T, k=k, p=p)
        rule = Sampling(temperature=T, top_k=min(k, max(2, len(x))), top_p=p or 1e-300)
        expected = sampling.distribution(x, rule)
        np.testing.assert_array_equal(lab.stages.p, expected)
        assert lab.stages.p.sum() == pytest.approx(1, abs=1e-12)
        shown = told(lab)
        np.testing.assert_allclose(shown["p"], lab.folded(expected), atol=1e-6)
        assert shown["p"].sum() == pytest.approx(1, abs=1e-5)
        assert shown["kept"].sum() == (expected > 0).sum()
        assert not expected[~np.isfinite(x)].any()


def test_top_p_zero_is_the_most_probable_and_greedy_the_first_of_equals():
    lab = SampleLab([0.0, 5.0, 5.0, 1.0])
    assert np.flatnonzero(lab.set(p=0.0).stages.p).tolist() == [1]
    assert np.flatnonzero(lab.set(p=1.0, T=0.0).stages.p).tolist() == [1]
    assert rules(1.0, 4, 0.0, 1.0, 0, 4).top_p == LEAST > 0


def test_the_learners_top_p_is_the_one_at_work(monkeypatch):
    seen = []

    def mine(p, share):
        seen.append(share)
        return exercise.one_by_one(p, share)

    monkeypatch.setattr(sampling, "top_p", exercise.for_the_library(mine, sampling.top_p))  # as use_mine does
    lab = SampleLab(CASES["many"], top_p=0.8)
    assert seen[-1] == 0.8
    before = sampling.distribution(lab.logits, Sampling(1.0))
    assert (lab.stages.p > 0).tolist() == (exercise.top_p(before, 0.8) > 0).tolist()


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (lambda x, rule, seen: 1 / 0, "ZeroDivisionError"),
        (lambda x, rule, seen: np.full(len(x), np.nan), "not finite"),
        (lambda x, rule, seen: np.ones(len(x)), "sum to 3"),
        (lambda x, rule, seen: np.array([1.5, -0.5, 0.0]), "negative"),
        (lambda x, rule, seen: [1.0], r"shape (3,), got (1,)"),
        (lambda x, rule, seen: "much", "got str"),
        (lambda x, rule, seen: None, "got NoneType"),
    ],
)
def test_a_wrong_distribution_is_named_and_the_widget_lives(mine, words):
    lab = SampleLab([1.0, 2.0, 3.0], distribution=mine)
    assert words in lab.error
    assert "library's own" in lab.error
    assert lab.act("draws").counts.sum() == 1000
    lab.distribution = None
    assert lab.set(T=2.0).error == ""


def test_a_slow_distribution_ends_with_the_last_setting():
    def slow(x, rule, seen):
        time.sleep(0.01)
        return sampling.distribution(x, rule, seen)

    lab = SampleLab(CASES["many"], distribution=slow)
    for i in range(200):
        lab._queue.put({"set": {"T": i / 100}, "seq": i + 1})
    lab._queue.join(10)
    assert lab.state["T"] == 1.99
    np.testing.assert_array_equal(lab.stages.p, sampling.distribution(lab.logits, Sampling(1.99)))


@pytest.mark.parametrize("logits", [CASES["tied"], CASES["many"], CASES["blocked"]])
def test_ten_thousand_draws_lie_within_three_sigma(logits):
    lab = SampleLab(logits, temperature=1.3, top_p=0.95)
    for _ in range(10):
        lab.act("draws")
    assert lab.counts.sum() == 10_000
    assert lab.sigma() < 3
    assert not lab.counts[~lab.stages.kept].any()
    assert f"{lab.sigma():.1f} standard deviations" in lab.summary()


def test_deviation_sees_a_wrong_count():
    assert deviation(np.array([600, 400]), np.array([0.5, 0.5])) == pytest.approx(100 / np.sqrt(250))
    assert deviation(np.array([9, 1]), np.array([1.0, 0.0])) == np.inf
    assert deviation(np.array([10, 0]), np.array([1.0, 0.0])) == 0


def test_draws_are_those_of_the_librarys_draw():
    logits, rule = np.asarray(CASES["many"]), Sampling(0.9, 50, 0.8)
    a, b = np.random.default_rng(3), np.random.default_rng(3)
    one_by_one = [sampling.draw(logits, rule, a) for _ in range(500)]
    assert draws(stages(logits, rule).p, 500, b).tolist() == one_by_one


def test_draws_go_on_and_a_new_setting_forgets_them():
    lab = SampleLab(CASES["many"]).act("draw").act("draws").act("draw")
    assert lab.counts.sum() == 1002
    again = SampleLab(CASES["many"])
    again._draw(1002)
    np.testing.assert_array_equal(lab.counts, again.counts)
    assert lab.set(T=2.0).counts.sum() == 0


@pytest.mark.parametrize("setting", [{"T": 1.0}, {"T": 0.0}, {"T": 1.5, "k": 40, "p": 0.9, "penalty": 1.3, "seed": 7}])
def test_step_by_step_is_generate(chat, setting):
    lab = SampleLab(chat, "How are you?").set(**setting)
    for _ in range(6):
        if not lab.ended:
            lab.act("step")
    assert lab.error == ""
    expected = generate(chat.model, [chat.prompt("How are you?")], len(lab.taken), lab.rule)[0]
    assert lab.taken == expected


def test_taking_a_token_goes_on_with_the_live_model(chat):
    lab = SampleLab(chat, "Hello!")
    token = int(lab.rows()[3])
    lab.take(token)
    assert lab.taken == [token]
    ids = [*chat.prompt("Hello!"), token]
    np.testing.assert_allclose(lab.logits, chat.model.session([ids], 0).logits[0], atol=1e-4)
    backdrop = unpack(lab._backdrop, lab._backdrop_layout)
    np.testing.assert_array_equal(backdrop["logits"], lab.logits)
    assert np.flatnonzero(backdrop["seen"]).tolist() == sorted(set(ids))
    lab.take(chat.ends[0][0])
    assert lab.ended
    assert "reply has ended" in lab.take(5).error
    lab.set(prompt="你好！")
    assert lab.taken == []
    assert lab.reset().state == SampleLab(chat, "Hello!").state


def test_the_penalty_is_the_librarys(chat):
    lab = SampleLab(chat, "Hello!", penalty=1.5)
    expected = sampling.distribution(lab.logits, Sampling(1.0, repetition_penalty=1.5), lab.ids())
    np.testing.assert_array_equal(lab.stages.p, expected)


def test_the_end_of_the_context_is_said_not_crossed(chat):
    lab = SampleLab(chat, "Hello!")
    lab.taken = [5] * (chat.model.config.block_size - len(chat.prompt("Hello!")))
    lab.update({"taken"})
    assert "block_size" in lab.take(5).error
    assert len(lab.ids()) == chat.model.config.block_size
    assert lab.stages is not None


def test_a_prompt_that_is_too_long_is_named_and_can_be_mended(chat):
    lab = SampleLab(chat, "Hello!").set(prompt="x1y2" * 50)
    assert "too many for this model" in lab.error
    assert lab.summary() == "There is no distribution."
    lab.figure()
    assert "no distribution" in lab.act("draws").error
    assert lab.set(prompt="Hi").error == ""


@pytest.mark.parametrize("logits", [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, -np.inf]])
def test_logits_without_a_distribution_are_named(logits):
    lab = SampleLab(logits)
    assert "distribution: the logit of token" in lab.error
    lab.figure()


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"logits must be \(V,\), got shape \(1, 2\)"):
        SampleLab([[1.0, 2.0]])
    with pytest.raises(ValueError, match="2 logits, but 3 labels"):
        SampleLab([1.0, 2.0], labels="abc")
    for token in (-1, 2):
        assert "expected a token id below 2" in SampleLab([1.0, 2.0]).take(token).error
    with pytest.raises(ValueError, match=r"sum to 0\.5"):
        checked([0.5, 0.0], 2)


def test_code_makes_the_same_draws(chat):
    lab = SampleLab(temperature=0.8, top_p=0.9).act("step").act("draws")
    names = {}
    exec(lab.as_code(), names)
    np.testing.assert_array_equal(np.bincount(names["drawn"], minlength=len(lab.counts)), lab.counts)
    np.testing.assert_array_equal(names["p"], lab.stages.p)
    mine = SampleLab(CASES["tied"]).act("draws")
    names = {"logits": mine.logits}
    exec(mine.as_code(), names)
    np.testing.assert_array_equal(np.bincount(names["drawn"], minlength=6), mine.counts)


def test_state_round_trip_and_prediction(chat):
    first = SampleLab(chat).set(T=0.5, k=17, p=0.75, penalty=1.2, seed=4, prompt="你好！")
    assert SampleLab(chat).set(**first.state).state == first.state
    lab = SampleLab(CASES["eighths"], predict=True)
    assert lab.answer(4).log[0] == {"question": lab.log[0]["question"], "answer": 4.0, "outcome": 4, "right": True}


def test_static_figure_is_deterministic(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    first, second = (SampleLab()._repr_mimebundle_()["text/html"] for _ in range(2))
    assert first == second
    assert "1,000 draws" in first
