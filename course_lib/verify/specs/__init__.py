"""The specs, a file per module of the core; each has a tuple ``SPECS``."""
