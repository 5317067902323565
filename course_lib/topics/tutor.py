"""A tutor (辅导) for simulated learners: which exercise next, when is a skill mastered, and do two markers agree?

The learners are simulated from the same models that the tutor believes in. What is measured is how many exercises an
order of asking takes; whether people learn more takes a trial with people.
"""

import numpy as np

from course_lib.activations import sigmoid
from course_lib.metrics import bootstrap_interval

ABILITIES = np.linspace(-4, 4, 81)  # the grid on which beliefs about an ability live


def p_correct(ability, difficulty, discrimination=1.5):
    """Item response theory (项目反应理论): P(right) = σ(a(θ - b)). Birnbaum, in Lord & Novick, 1968.

    Parameters
    ----------
    ability, difficulty : array
        θ and b: at θ = b the chance is one half.
    discrimination : float
        a: how sharply the item tells θ < b from θ > b.
    """
    return sigmoid(np.asarray(discrimination * (np.asarray(ability, float) - difficulty)))


def believe(answers, difficulties, discrimination=1.5) -> tuple[float, float]:
    """Mean and standard deviation of θ given right (1) and wrong (0) answers, from a standard normal prior."""
    answers, difficulties = np.asarray(answers), np.asarray(difficulties, float)
    p = p_correct(ABILITIES[:, None], difficulties, discrimination)  # (81, n)
    belief = np.exp(-(ABILITIES**2) / 2) * np.where(answers == 1, p, 1 - p).prod(1)
    belief /= belief.sum()
    mean = belief @ ABILITIES
    return float(mean), float(np.sqrt(belief @ (ABILITIES - mean) ** 2))


def measure(order: str, learners=150, bank=100, enough=0.4, discrimination=1.5, seed=0) -> dict[str, np.ndarray]:
    """How many questions until a learner's ability is known to within a standard deviation of `enough`?

    Parameters
    ----------
    order : {"adaptive", "random"}
        adaptive: of the questions left, the one nearest to the estimate; it tells most, a²p(1 - p) being largest there.
    learners, bank : int
        Abilities and difficulties are standard normal; nobody gets a question twice.

    Returns
    -------
    dict
        items, how many each learner needed; error, the estimate minus the true ability.
    """
    _known_order("measure", order, ("adaptive", "random"))
    rng = np.random.default_rng(seed)
    difficulty, items, error = rng.normal(size=bank), [], []
    for ability in rng.normal(size=learners):
        answers = rng.random(bank) < p_correct(ability, difficulty, discrimination)
        left, asked, mean, sd = rng.permutation(bank), [], 0.0, 1.0
        while sd > enough and len(left):
            pick = 0 if order == "random" else np.argmin(np.abs(difficulty[left] - mean))
            asked.append(left[pick])
            left = np.delete(left, pick)
            mean, sd = believe(answers[asked], difficulty[asked], discrimination)
        items.append(len(asked))
        error.append(mean - ability)
    return {"items": np.array(items), "error": np.array(error)}


def bkt_update(p, correct, learn=0.15, guess=0.2, slip=0.1) -> float:
    """Bayesian knowledge tracing: the chance that a skill is known after one more answer.

    Bayes: p' = p(1 - s) / (p(1 - s) + (1 - p)g) after a right answer, p s / (p s + (1 - p)(1 - g)) after a wrong one;
    then the exercise may have taught it: p' + (1 - p')·learn. Corbett & Anderson, User Modeling 4, 1995.
    """
    for name, value in (("p", p), ("learn", learn), ("guess", guess), ("slip", slip)):
        if not 0 <= value <= 1:
            raise ValueError(f"bkt_update: {name} must lie in [0, 1], got {value}")
    known, unknown = (p * (1 - slip), (1 - p) * guess) if correct else (p * slip, (1 - p) * (1 - guess))
    if known + unknown == 0:
        raise ValueError(f"bkt_update: with p={p}, guess={guess}, slip={slip} this answer cannot happen")
    after = known / (known + unknown)
    return after + (1 - after) * learn


def practise(order: str, learners=200, skills=6, mastered=0.95, true_guess=0.2, seed=0) -> dict[str, np.ndarray]:
    """How many exercises until the tutor believes every skill mastered, and is it right then?

    Each skill is known at first with a chance of 0.4. The tutor follows every skill with `bkt_update`.

    Parameters
    ----------
    order : {"adaptive", "open", "random"}
        adaptive: of the skills not yet believed mastered the one nearest to it; open: any of those; random: any skill.
    true_guess : float
        How often learners guess right. The tutor believes 0.2; at 0.5 it is wrong about its learners.

    Returns
    -------
    dict
        items, exercises each learner needed; truly, the share of the skills believed mastered that are.
    """
    _known_order("practise", order, ("adaptive", "open", "random"))
    rng, items, truly = np.random.default_rng(seed), [], []
    for _ in range(learners):
        knows, belief, n = rng.random(skills) < 0.4, np.full(skills, 0.4), 0
        while (belief < mastered).any():
            left = np.flatnonzero(belief < mastered) if order != "random" else np.arange(skills)
            k = left[np.argmax(belief[left])] if order == "adaptive" else rng.choice(left)
            correct = rng.random() < (0.9 if knows[k] else true_guess)
            belief[k] = bkt_update(belief[k], correct)
            knows[k] |= rng.random() < 0.15
            n += 1
        items.append(n)
        truly.append(knows.mean())
    return {"items": np.array(items), "truly": np.array(truly)}


def compare(experiment, orders=("adaptive", "random"), **options) -> dict[str, tuple]:
    """Run `measure` or `practise` in several orders: (mean items, low, high) for each, and saved, the last minus first.

    95 % intervals, bootstrapped over learners.
    """
    items = {order: experiment(order, **options)["items"] for order in orders}
    items["saved"] = items[orders[-1]] - items[orders[0]]
    return {name: (float(values.mean()), *bootstrap_interval(np.mean, values)) for name, values in items.items()}


def cohen_kappa(a, b, weights: str | None = None) -> float:
    """κ = 1 - Σ w·observed / Σ w·expected: agreement beyond what two independent markers would have by chance.

    Cohen, Educational and Psychological Measurement 20, 1960; with weights, Psychological Bulletin 70, 1968.

    Parameters
    ----------
    a, b : array, (N,)
        Two markers' marks of the same work.
    weights : {None, "linear", "quadratic"}
        What a disagreement weighs: 1, the distance of the marks (counted in the marks that occur), or its square.

    1 is full agreement, 0 chance, below 0 less than chance; nan where both give one and the same mark only.
    """
    if weights not in (None, "linear", "quadratic"):
        raise ValueError(f'cohen_kappa: weights must be None, "linear" or "quadratic", got {weights!r}')
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.ndim != 1 or not a.size:
        raise ValueError(f"cohen_kappa: needs two equally long lists of marks, got shapes {a.shape} and {b.shape}")
    marks, code = np.unique(np.concatenate([a, b]), return_inverse=True)
    observed = np.zeros((len(marks), len(marks)))
    np.add.at(observed, tuple(code.reshape(2, -1)), 1)
    expected = observed.sum(1, keepdims=True) * observed.sum(0) / len(a)
    distance = np.abs(np.subtract.outer(np.arange(len(marks)), np.arange(len(marks))))
    w = distance**2 if weights == "quadratic" else distance if weights else distance > 0
    return float(1 - (w * observed).sum() / (w * expected).sum()) if len(marks) > 1 else float("nan")


def mark_answers(n=800, seed=0) -> dict[str, tuple]:
    """A marker that learns from marked answers, against one that gives everybody the most frequent mark.

    The answers are sentences on what an activation is for, made from true and false phrases, some turned round by "it
    is not true that"; their marks, 1 and 0, follow from the making. The learner is logistic regression on words, taught
    on one half and judged on the other.

    Returns
    -------
    dict
        "words" and "majority": (accuracy, κ); "words, turned round": on the sentences with "not" alone.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, marks, turned = _answers(np.random.default_rng(seed), n)
    half, words = n // 2, CountVectorizer()
    model = LogisticRegression(max_iter=500).fit(words.fit_transform(texts[:half]), marks[:half])
    given, right, tricky = model.predict(words.transform(texts[half:])), marks[half:], turned[half:]
    most = np.full(len(right), np.bincount(marks[:half]).argmax())
    judge = lambda a, b: (float((a == b).mean()), cohen_kappa(a, b))  # noqa: E731
    return {"words": judge(given, right), "majority": judge(most, right),
            "words, turned round": judge(given[tricky], right[tricky])}  # fmt: skip


RIGHT = ("without it the layers collapse into one matrix", "it makes the network non linear", "it bends the line")
WRONG = ("it makes training faster", "it saves memory", "it shuffles the data", "it removes the noise")


def _answers(rng, n):
    """Sentences, their marks (0 or 1), and which were turned round."""
    true, turned = rng.random(n) < 0.8, rng.random(n) < 0.25
    texts = ["it is not true that " * t + str(rng.choice(RIGHT if r else WRONG))
             for r, t in zip(true, turned.tolist(), strict=True)]  # fmt: skip
    return texts, (true ^ turned).astype(int), turned


def _known_order(name, order, known):
    if order not in known:
        raise ValueError(f"{name}: order must be one of {', '.join(known)}; got {order!r}")

