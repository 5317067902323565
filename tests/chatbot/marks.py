"""What some tests need from the machine."""

import shutil

import pytest

compiles = pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler for int8.c")
