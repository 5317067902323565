"""Assign chapters, grade what comes back, export and report the marks; the commands are in `commands_*.py`."""
