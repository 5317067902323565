"""9.2 The interval of an accuracy."""

from course_lib import metrics

from ..spec import Exercise, Mistake


def wilson(correct, n):
    """(low, high) of Wilson's 95 % interval (z = 1.96) for a share seen as correct of n."""
    z, p = 1.96, correct / n
    grown = 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / grown
    half = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 / grown
    return middle - half, middle + half


def cases(rng):
    """Small and large tests."""
    for n in (5, 20, 50, 360, 1000):
        yield int(rng.integers(0, n + 1)), n
        yield int(0.9 * n), n


ROOT = "(p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5"

EXERCISE = Exercise(
    id="9.2",
    title="The interval of an accuracy",
    answer=wilson,
    reference=metrics.wilson_interval,
    cases=cases,
    edges=((0, 10), (10, 10), (1, 1), (0, 1), (5, 10), (45, 50), (1, 10_000), (9_999, 10_000)),
    mistakes=(
        Mistake("wald", lambda correct, n: (correct / n - 1.96 * (correct / n * (1 - correct / n) / n) ** 0.5,
                                            correct / n + 1.96 * (correct / n * (1 - correct / n) / n) ** 0.5),
                "This is p ± 1.96 √(p(1-p)/n). It has no width when all are right, and can leave [0, 1]: Wilson's "
                "centre "
                "moves towards one half."),
        Mistake("one-sided", {"z, p = 1.96": "z, p = 1.645"},
                "z = 1.645 leaves 5 % on each side. For 95 % in the middle z is 1.96."),
        Mistake("exact-z", {"z, p = 1.96": "z, p = 1.959963984540054"},
                "z is 1.95996... here, from the normal distribution. The exercise fixes it at 1.96."),
        Mistake("two", {"z, p = 1.96": "z, p = 2.0"}, "z is 2 here; take 1.96."),
        Mistake("no-root", {" ** 0.5": ""}, "The square root is missing: under it stands a variance."),
        Mistake("not-divided", {f"{ROOT} / grown": ROOT}, "The half width must be divided by 1 + z²/n as well."),
        Mistake("middle-not-divided", {"(p + z**2 / (2 * n)) / grown": "(p + z**2 / (2 * n))"},
                "The centre must be divided by 1 + z²/n."),
        Mistake("centre-p", {"(p + z**2 / (2 * n)) / grown": "p"},
                "The centre is not p: it is (p + z²/2n) / (1 + z²/n)."),
        Mistake("no-z", {"half = z * ": "half = "}, "The factor z before the root is missing."),
        Mistake("four-n", {"4 * n**2": "4 * n"}, "Under the root the second term is z²/4n², with n squared."),
        Mistake("swapped", {"middle - half, middle + half": "middle + half, middle - half"},
                "Upper and lower end have changed places."),
        Mistake("whole", {"correct / n": "correct // n"}, "// drops the fraction; divide with /."),
        Mistake("percent", {"middle - half, middle + half": "100 * (middle - half), 100 * (middle + half)"},
                "Return shares from 0 to 1, not per cent."),
        Mistake("width", {"middle - half, middle + half": "middle, half"},
                "Centre and half width are returned. Asked are the two ends."),
    ),
    right=(
        lambda correct, n: tuple((correct + 1.96**2 / 2 + s * 1.96 * (correct * (n - correct) / n + 1.96**2 / 4) ** 0.5)
                                 / (n + 1.96**2) for s in (-1, 1)),
        lambda correct, n: (lambda p, a: tuple(((2 * p + a) + s * ((2 * p + a) ** 2 - 4 * (1 + a) * p * p) ** 0.5)
                                               / (2 * (1 + a)) for s in (-1, 1)))(correct / n, 1.96**2 / n),
    ),
    hints=(
        "p = correct / n and grown = 1 + z²/n; everything is divided by grown.",
        "The centre is (p + z²/2n) / grown.",
        "The half width is z √(p(1-p)/n + z²/4n²) / grown.",
    ),
    minutes=10,
    difficulty=2,
    claims=("S4-9-q5-train",),
    returns=("low", "high"),
    atol=1e-11,
)  # fmt: skip
