"""Advice that can be computed: survivors, tests between two versions, surveys, unit costs, segments, baselines."""

import math

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.data import breast_cancer, digits

ANSWERING = 0.4, 0.1  # who is contented answers a survey more often than who is not
DOLLARS = 20_000.0, 0.0005, 0.004  # fixed per month, per request, asked by an interface per request: assumptions


def survivorship():
    """1,000 made-up companies, a trait that decides nothing, and only the winners interviewed."""
    trait, outcome = _companies(np.random.default_rng(0))
    winners = outcome > np.quantile(outcome, 0.95)
    among, rest = float(trait[winners].mean()), float(trait[~winners].mean())
    error = math.sqrt(0.16 * (1 / winners.sum() + 1 / (~winners).sum()))
    return Evidence(
        f"{among:.0%} of the 50 winners have the trait, which looks like a success factor; so have {rest:.0%} of the "
        "losers: it had no effect.",
        said={"most successful companies have it": among > 0.5},
        gap={"so have those that failed, whom nobody lists": abs(among - rest) < 2.5 * error},
        right={"only a comparison with failures can show an effect": rest > 0.5},
        numbers={"winners": among, "losers": rest},
    )


def ab_test():
    """How many users show that conversion rose from 5 % to 5.5 %? By formula, and by 2,000 simulated tests."""
    p, q = 0.05, 0.055
    users = math.ceil((1.96 + 0.8416) ** 2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)
    power = {n: _power(n, p, q) for n in (1000, users)}
    return Evidence(
        f"a rise from 5 % to 5.5 % needs {users:,} users in each arm; then {power[users]:.0%} of simulated tests find "
        f"it, with 1,000 users {power[1000]:.0%}.",
        said={"an improvement can be there": q > p},
        gap={"without a test of that size nobody can tell": power[1000] < 0.2},
        right={"80 % power, as computed": abs(power[users] - 0.8) < 0.03},
        numbers={"users": users, "power": list(power.values())},
    )


def survey():
    """A hundred answers: the interval around a half, and what silence does to it."""
    rng = np.random.default_rng(0)
    half_width = 1.96 * math.sqrt(0.25 / 100)
    likes = rng.random((4000, 400)) < 0.5
    answers = rng.random((4000, 400)) < np.where(likes, *ANSWERING)
    seen = float((likes & answers).sum() / answers.sum())
    covered = float((np.abs((rng.random((4000, 100)) < 0.5).mean(1) - 0.5) <= half_width).mean())
    return Evidence(
        f"100 answers leave ±{half_width:.3f}; if the contented answer four times as often, {seen:.2f} seem contented "
        "where half are.",
        said={"asking gives an estimate: the interval covers the truth nineteen times in twenty": covered > 0.92},
        gap={"silence biases it, whatever the number of answers": seen > 0.7},
        right={"±0.098 at n = 100": round(half_width, 3) == 0.098},
        numbers={"half width": half_width, "seen": round(seen, 2)},
    )


def unit_economics():
    """Cost per request of a model of one's own, against an interface at a price per token."""
    fixed, per_request, price = DOLLARS
    even = fixed / (price - per_request)
    monthly = {n: (fixed + n * per_request, n * price) for n in (1e5, 1e8)}
    cheaper = {n: own < api for n, (own, api) in monthly.items()}
    return Evidence(
        f"with 20,000 dollars a month fixed, 0.0005 per request, and an interface at 0.004, one's own model pays from "
        f"{even / 1e6:.1f} million requests a month on.",
        said={"building a model needs much capital first": monthly[1e5][0] > 10 * monthly[1e5][1]},
        gap={"an application on an interface does not: the order depends on the volume": cheaper[1e8] != cheaper[1e5]},
        right={"break-even = fixed / (price - cost)": abs(fixed + even * per_request - even * price) < 1e-6},
        numbers={"break-even": round(even), "dollars at 10⁵": monthly[1e5]},
    )


def gate():
    """Two classifiers on the same digits: a paired bootstrap decides whether the new one may replace the old."""
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier

    data, rng = digits(), np.random.default_rng(0)
    old, new = (m.fit(data.x_train, data.y_train).predict(data.x_test) == data.y_test
                for m in (KNeighborsClassifier(3), GaussianNB()))  # fmt: skip
    draws = rng.integers(len(old), size=(2000, len(old)))
    low, high = np.quantile((new[draws].mean(1) - old[draws].mean(1)), [0.025, 0.975])
    return Evidence(
        f"3-NN is right for {old.mean():.2f}, the new Bayes model for {new.mean():.2f}; 95 % of paired bootstrap "
        f"differences lie in [{low:.2f}, {high:.2f}]: the gate stays shut.",
        said={"comparing each version shows what changed": low > 0 or high < 0},
        right={"a drop of more than a point is stopped": high < -0.01},
        numbers={"old": round(float(old.mean()), 2), "new": round(float(new.mean()), 2)},
    )


def personas():
    """Segments from age and sex, or from behaviour, where behaviour alone decides what people want."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    wants, behaviour, person = _customers(np.random.default_rng(0))
    score = {}
    for name, columns in (("persona", person), ("behaviour", behaviour)):
        scaled = (columns - columns.mean(0)) / columns.std(0)
        score[name] = float(adjusted_rand_score(wants, KMeans(2, n_init=5, random_state=0).fit_predict(scaled)))
    sex = KMeans(2, n_init=5, random_state=0).fit_predict((person - person.mean(0)) / person.std(0))
    return Evidence(
        f"segments by behaviour agree with what people want ({score['behaviour']:.2f}), segments by age and sex do not "
        f"({score['persona']:.2f}).",
        said={"customers can be grouped": len(np.unique(sex)) == 2},
        gap={"by age and sex the groups say nothing here, and may discriminate": abs(score["persona"]) < 0.05},
        right={"behaviour does": score["behaviour"] > 0.7},
        numbers={name: round(value, 2) for name, value in score.items()},
    )


def diagnosis():
    """Breast tumours: accuracy beside the tumours that were missed, and a model that always says benign."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x, y = _tumours()
    rows = np.random.default_rng(0).permutation(len(x))
    train, test = rows[:400], rows[400:]
    scale = StandardScaler().fit(x[train])
    guess = LogisticRegression(max_iter=1000).fit(scale.transform(x[train]), y[train]).predict(scale.transform(x[test]))
    right, base = float((guess == y[test]).mean()), float((~y[test]).mean())
    missed = int((~guess[y[test]]).sum())
    return Evidence(
        f"accuracy {right:.2f}, always saying benign {base:.2f}; of {int(y[test].sum())} malignant tumours {missed} "
        "missed by the model, all by the baseline.",
        said={"a model can help to tell tumours apart": right > base + 0.2},
        gap={"accuracy hides what is missed: a model that finds nothing has": base > 0.5},
        right={"report the missed cases beside a baseline": missed < y[test].sum() / 5},
        numbers={"accuracy": round(right, 2), "baseline": round(base, 2), "missed": missed},
    )


def forecast():
    """A random walk: yesterday's value against a line through the last ten."""
    walk = np.cumsum(_steps(np.random.default_rng(0)), axis=1)
    t = np.arange(10)
    errors = {"naive": np.abs(walk[:, -1] - walk[:, -2]).mean()}
    slope, level = np.polyfit(t, walk[:, -11:-1].T, 1)
    errors["trend"] = np.abs(walk[:, -1] - (level + slope * 10)).mean()
    trending = walk + 2 * np.arange(60)
    slope, level = np.polyfit(t, trending[:, -11:-1].T, 1)
    gain = np.abs(trending[:, -1] - trending[:, -2]).mean() - np.abs(trending[:, -1] - (level + slope * 10)).mean()
    return Evidence(
        f"on 200 random walks the mean error of a fitted trend is {errors['trend']:.2f}, that of repeating yesterday "
        f"{errors['naive']:.2f}; where there is a trend, the fit is better by {gain:.2f}.",
        said={"a forecast can support a decision: with a trend it beats yesterday": gain > 0},
        gap={"without one it is worse than no model at all": errors["trend"] > errors["naive"] * 1.1},
        right={"a naive baseline tells the two apart": errors["naive"] < 1},
        numbers={name: round(float(value), 2) for name, value in errors.items()},
    )


def _companies(rng):
    """A common trait ("a strong team") and the success of 1,000 companies, which does not depend on it."""
    return rng.random(1000) < 0.8, rng.normal(size=1000)


def _customers(rng):
    """What 600 people want, their behaviour, which depends on it, and their age and sex, which do not."""
    wants = rng.integers(2, size=600)
    behaviour = rng.normal(size=(600, 2)) + 3 * wants[:, None]
    return wants, behaviour, np.column_stack([rng.uniform(18, 70, 600), rng.integers(2, size=600)])


def _steps(rng):
    return rng.normal(size=(200, 60))


def _power(users, p, q, tests=2000):
    rng = np.random.default_rng(0)
    a, b = rng.binomial(users, p, tests) / users, rng.binomial(users, q, tests) / users
    pooled = (a + b) / 2
    return float((np.abs(a - b) > 1.96 * np.sqrt(2 * pooled * (1 - pooled) / users)).mean())


def _tumours():
    """Measurements (569, 30), and 1 where malignant."""
    table = breast_cancer()
    return np.column_stack([table[name] for name in table.of_kind("number")]), table["diagnosis"] == "malignant"
