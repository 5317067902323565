"""What a widget gives as its Python runs in a fresh interpreter, with the learner's own names and no others."""

import json
import subprocess
import sys

from tests.widgets.notebooks import CELLS
from tests.widgets.test_browser import SCENES

RUN = """\
import contextlib, io, json, sys
failed = {}
for name, (yours, code) in json.load(sys.stdin).items():
    names = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(yours, names)
            exec(compile(code, name, "exec"), names)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""
WAVE = "\ndef wave(z):\n    return z * (z > 0) + 0.1 * np.sin(3 * z)\n"
YOURS = {
    "traindeck": CELLS["traindeck"][0],
    "actlab": CELLS["actlab"][0] + WAVE,
    "convstep": CELLS["convstep"][0],
    "samplelab": "from course_lib.chatbot import load_chat\nchat = load_chat()",
    "claimtable": CELLS["claimtable"][0].split("lab = ")[0],
    "graphstepper": "def unit(w, x, b):\n    return 0.5 * ((w * x + b).sigmoid() - 1) ** 2",
}


def code_of(name):
    """The program of a notebook's widget, after the scene of its picture."""
    names = {}
    for cell in CELLS[name]:
        exec(cell, names)
        if "lab" in names:
            break
    exec(SCENES.get(name, ""), names)
    if name == "actlab":
        names["lab"].set(activation="wave")
    code = names["lab"].as_code()
    names["lab"].close()
    return code


def test_every_widgets_code_runs_in_a_fresh_interpreter():
    """The race has Adam as printed in it, the activation is a learner's, two exchanges have been held with the chat."""
    programs = {name: (YOURS.get(name, ""), code_of(name)) for name in CELLS}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", RUN], input=json.dumps(programs), capture_output=True,
                          text=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {}
