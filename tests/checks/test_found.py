"""Answers that were once judged wrongly: each with what is to be said of it, on the practice cases and on others."""

import linecache

import numpy as np
import pytest

from course_lib.checks.grading import grade
from course_lib.checks.outcome import run
from course_lib.checks.spec import find

ANSWERS = {
    "top-p-from-the-right": ("5.6", "right", """
def top_p(p, share):
    order = np.argsort(p)[::-1]  # of equals the last: nothing is said of them
    n = int(np.sum(np.cumsum(p[order]) < share)) + 1
    out = np.zeros(p.size)
    out[order[:n]] = p[order[:n]]
    return out / out.sum()
"""),
    "silenced": ("4.1", "naive", """
def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))
"""),
    "silenced-as-decorator": ("4.1", "naive", """
def sigmoid(x):
    @np.errstate(all="ignore")
    def plainly(x):
        return 1 / (1 + np.exp(-x))
    np.seterr(all="ignore")
    return plainly(x)
"""),
    "zeros-and-ones": ("5.2", "wrong-kind", """
def may_look(lengths, size):
    return np.tri(size)[None] * (np.arange(size) < lengths[:, None])[:, None]
"""),
    "one-shift-for-all": ("5.3", "shift-of-all", """
def attention_weights(q, k, causal=False):
    s = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if causal:
        s = np.where(np.tri(*s.shape[-2:]) > 0, s, -np.inf)
    e = np.exp(s - s.max())
    return e / e.sum(-1, keepdims=True)
"""),
    "zero-times-infinity": ("2.4", "zero-times-inf", """
def causal_weights(scores):
    s = scores + (1 - np.tri(len(scores))) * -np.inf
    e = np.exp(s - s.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
"""),
    "digits-of-ids": ("5.5", "raises wrong-value wrong-count wrong-shape", """
def bpe_merge(ids, pair, new):
    return [int(c) for c in "".join(map(str, ids)).replace("".join(map(str, pair)), str(new))]
"""),
    "epsilon-of-the-short-form": ("4.6", "eps-beside-v", """
def adam_step(param, grad, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    return param - lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps), m, v
"""),
    "one-coin": ("3.5", "wrong-value", """
def dropout(x, p, u, training):
    if not training:
        return x.copy()
    return x * 0 if u.flat[0] < p else x / (1 - p)
"""),
    "infinity-with-the-wrong-sign": ("1.5", "not-the-infinite", """
def break_even_requests(fixed, own, api):
    return fixed / (api - own) if api > own else -float("inf")
"""),
    "rounded-up": ("8.1", "rounded-up", """
def magnitude_mask(w, amount):
    keep = np.ones(w.size, bool)
    keep[np.argsort(np.abs(w), axis=None, kind="stable")[: int(np.ceil(amount * w.size))]] = False
    return keep.reshape(w.shape)
"""),
    "a-grid-of-thresholds": ("6.7", "wrong-value", """
def cheapest_threshold(score, y, false_alarm, missed):
    t = [np.inf, *np.linspace(1, 0, 101)]
    return t[int(np.argmin([false_alarm * ((score >= x) & (y == 0)).sum() + missed * ((score < x) & (y == 1)).sum()
                            for x in t]))]
"""),
    "known-names-only": ("9.4", "wrong-value", """
def fill(template, values):
    import re
    return re.sub(r"\\{(text|label)\\}", lambda found: values[found[1]], template)
"""),
    "ascii-only": ("9.5", "ascii-only", """
def exact_match(answer, accepted):
    import re
    def words(t):
        return re.sub(r"\\b(a|an|the)\\b", " ", re.sub(r"[^a-z0-9\\s]", "", t.lower())).split()
    return words(answer) in [words(t) for t in accepted]
"""),
    "an-order-that-goes-on": ("7.6", "unsteady", """
STATE = {}
def epoch_order(n, seed, epoch):
    STATE.setdefault((seed, epoch), np.random.default_rng([seed, epoch]))
    return STATE[seed, epoch].permutation(n)
"""),
    "two-names-of-one-array": ("7.1", "same-array", """
def central_gradient(x, y, w, h):
    g = np.zeros(len(w))
    for i in range(len(w)):
        up = w.astype(float).copy()
        down = up
        up[i] += h
        down[i] -= h
        g[i] = (np.mean((x @ up - y) ** 2) - np.mean((x @ down - y) ** 2)) / (2 * h)
    return g
"""),
}  # fmt: skip


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_said_of_an_answer(name, seed):
    id, said, source = ANSWERS[name]
    space, filename = {"np": np}, f"<found {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), space)
    result = grade(id, lambda args: run(space[find(id).name], args), seed=seed)
    assert (result.diagnosis or "right") in said.split(), (result.diagnosis, result.message)


def test_silence_is_heard_only_while_an_answer_runs():
    errstate, seterr = np.errstate, np.seterr
    run(lambda: np.errstate(all="ignore") and 1 / 0, ())
    assert (np.errstate, np.seterr) == (errstate, seterr)
    with np.errstate(all="ignore"):
        assert np.isinf(np.exp(np.float64(1e4)))
