"""Timing that survives a noisy machine: all implementations take turns, and ratios are taken within a turn."""

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """One piece of work, done by several implementations.

    Attributes
    ----------
    title : str
        What is done once per measurement.
    setups : dict of name → callable
        Each builds what it needs and returns the function to time. A setup may raise ImportError: it is left out.
    targets : dict of name → float
        Our time divided by this peer's shall be at most so much. The first peer is the table's unit.
    rounds : int
    fresh : bool
        Build anew for each round (training changes what it runs on).
    note : str
        What limits it, in words.
    scale : dict of name → float
        Factor from the time measured to a whole piece of work, for what is too slow to be done whole.
    clock : callable
        Seconds: of the wall, or of this process where a busy machine must not matter.
    """

    title: str
    setups: dict[str, Callable]
    targets: dict[str, float]
    rounds: int = 15
    fresh: bool = False
    note: str = ""
    scale: dict[str, float] = field(default_factory=dict)
    ours: str = "course_lib"
    clock: Callable[[], float] = time.perf_counter
    once: tuple[str, ...] = ()  # too slow for more than one round


def measure(row: Row) -> dict[str, list[float]]:
    """Seconds per piece of work for each implementation, one entry a round."""
    work = {name: built for name in row.setups if (built := _build(row, name)) is not None}
    times = {name: [] for name in work}
    for i in range(row.rounds):
        for name in work:
            if i and name in row.once:
                continue
            run = _build(row, name) if row.fresh and i else work[name]
            times[name].append(_seconds(run, row.clock) * row.scale.get(name, 1))
    return times


def ratio(times: dict, name: str, peer: str) -> float:
    """Median over the rounds of (time of `name`) / (time of `peer` in the same round)."""
    return median(a / b for a, b in zip(times[name], times[peer], strict=False))


def _build(row, name):
    try:
        run = row.setups[name]()
    except ImportError as error:
        print(f"  {name}: left out ({error})")
        return None
    run()  # warm up: caches, compilation
    return run


def _seconds(run, clock):
    gc.collect()
    start = clock()
    run()
    return clock() - start
