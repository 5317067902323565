"""The widgets' JavaScript: its unit tests in Node (the one that Playwright brings), and its size."""

import subprocess
from pathlib import Path

import playwright
import pytest

from course_lib.widgets import bundle

NODE = Path(playwright.__file__).parent / "driver" / "node"
TESTS = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))
WIDGETS = sorted(path.name for path in bundle.HERE.glob("*.py") if path.with_suffix(".js").exists())
LARGEST = 40_000  # bytes of our own JavaScript in one widget, shared modules included


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_unit(path):
    done = subprocess.run([NODE, "--test", "--no-warnings", path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_a_failing_unit_test_fails_here(tmp_path):
    path = tmp_path / "bad.test.mjs"
    path.write_text('import { test } from "node:test";\ntest("no", () => { throw new Error("no"); });\n')
    with pytest.raises(AssertionError, match=r"not ok 1 - no|✖ no"):
        test_unit(path)


@pytest.mark.parametrize("name", WIDGETS)
def test_size(name):
    assert len(bundle.esm(Path(name).stem + ".js").encode()) <= LARGEST
