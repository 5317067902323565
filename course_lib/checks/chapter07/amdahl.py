"""7.4 Amdahl's law."""

from course_lib.topics import numerics

from ..spec import Exercise, Mistake


def amdahl(parallel, workers):
    """How many times faster a program gets when the share `parallel` of its time is made `workers` times faster."""
    return 1 / ((1 - parallel) + parallel / workers)


def cases(rng):
    """Shares from 0 to 1, and factors from 2 to 1,000."""
    for workers in (2, 4, 8, 100, 1000):
        yield round(float(rng.uniform(0.05, 0.95)), 2), workers
        yield round(float(rng.uniform(0.05, 0.95)), 2), workers


REST, SHARED = "(1 - parallel)", "parallel / workers"

EXERCISE = Exercise(
    id="7.4",
    title="Amdahl's law",
    answer=amdahl,
    reference=numerics.amdahl,
    cases=cases,
    edges=((0.5, 2), (0.9, 10), (0.0, 8), (1.0, 8), (0.75, 1), (0.99, 1_000_000), (0.5, 0.5)),
    mistakes=(
        Mistake("time", {"1 / (": "("},
                "This is the new time as a share of the old one. The speed-up is the old time over the new."),
        Mistake("linear", {f"1 / ({REST} + {SHARED})": "workers * parallel"},
                "It multiplies share and factor. Add up the times instead: what stays, and what shrinks."),
        Mistake("mixed", {f"1 / ({REST} + {SHARED})": "(1 - parallel) + parallel * workers"},
                "It averages the speeds (Gustafson's law, for a problem that grows with n). Here the problem stays the "
                "same, and times add up: 1 over (what stays + what shrinks)."),
        Mistake("multiplied", {SHARED: "parallel * workers"},
                "It makes the part n times slower: its time is p/n, not p·n."),
        Mistake("nothing-stays", {f"{REST} + ": ""},
                "The part that is not made faster is missing: it takes 1 - p as before."),
        Mistake("all-stays", {REST: "1"},
                "The unchanged part is counted as the whole program; it is 1 - p of it."),
        Mistake("swapped", {REST: "parallel", SHARED: "(1 - parallel) / workers"},
                "The shares have changed places: p is the part that is made faster."),
        Mistake("workers-alone", {f"1 / ({REST} + {SHARED})": "workers"},
                "All of the program would have to be made faster for that; the share p is not used."),
        Mistake("limit", {f" + {SHARED}": ""},
                "This is the limit for infinitely many workers; the parallel part still takes p/n."),
        Mistake("saved", {f"1 / ({REST} + {SHARED})": "1 - ((1 - parallel) + parallel / workers)"},
                "This is the share of the time that is saved; the speed-up is old time over new time."),
        Mistake("extra-worker", {SHARED: "parallel / (workers + 1)"},
                "It divides by n + 1: the first worker is among the n."),
        Mistake("percent", {REST: "(100 - parallel)"}, "The share is given from 0 to 1, not in per cent."),
        Mistake("minus", {f"{REST} + ": f"{REST} - "}, "The two times are added, not subtracted."),
        Mistake("whole", {SHARED: "parallel // workers"}, "// drops the fraction; divide with /."),
    ),
    right=(
        lambda p, n: n / (n * (1 - p) + p),
        lambda p, n: 1.0 / (1.0 - p * (1.0 - 1.0 / n)),
    ),
    hints=(
        "Let the program take 1 second. How long do the two parts take afterwards?",
        "1 - p stays, p becomes p/n.",
        "Old time over new time: 1 / ((1 - p) + p/n).",
    ),
    minutes=5,
    difficulty=1,
)
