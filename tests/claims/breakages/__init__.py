"""What is broken on purpose: a file per chapter with BREAKAGES, a list of (claim id, where, name, what it becomes)."""

import pkgutil
from importlib import import_module

BREAKAGES = [row for m in pkgutil.iter_modules(__path__) for row in import_module(f"{__name__}.{m.name}").BREAKAGES]
