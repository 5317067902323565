"""Our code beside its peers, in one run. ``make bench`` writes docs/BENCHMARKS.md; see `benchmarks.timing`."""
