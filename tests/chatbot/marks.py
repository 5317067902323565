"""What some tests need from the machine."""

import shutil

import pytest

from course_lib.chatbot.int8 import COMPILERS

compiles = pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler for int8.c")
