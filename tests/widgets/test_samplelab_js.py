"""The browser's stages from logits to probabilities, run in Node: at every setting the library's kept set."""

import itertools
import json
import shutil
import subprocess

import numpy as np
import pytest

from course_lib.widgets.bundle import HERE
from course_lib.widgets.picking import rules, stages
from tests.widgets.test_samplelab import CASES

RUN = """
import { stages } from "./samplelab.mjs";
import { readFileSync } from "node:fs";
const { cases, seen, settings } = JSON.parse(readFileSync("in.json"));
const number = (text) => (text === "-inf" ? -Infinity : Number(text));
const floats = (list) => ({ data: Float32Array.from(list, number) });
const given = cases.map((c, i) => ({ logits: floats(c), seen: floats(seen[i]) }));
const found = given.map((g) => settings.map(([T, k, p, penalty]) => Array.from(stages(g, { T, k, p, penalty }).p)));
console.log(JSON.stringify(found));
"""
SETTINGS = list(
    itertools.product((0, 0.01, 0.37, 1, 3), (1, 2, 3, 10**6), (0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1), (1, 1.3))
)


def logits():
    """The cases of test_samplelab, many ties, numbers too near and too far for a softmax to tell apart."""
    rng = np.random.default_rng(1)
    ties = [np.round(2 * rng.normal(size=40)) / 2 for _ in range(3)]
    return [np.asarray(c, np.float32) for c in (*CASES.values(), *ties, 1e-20 * rng.random(9), rng.normal(0, 300, 50))]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_browser_keeps_the_tokens_that_the_library_keeps(tmp_path):
    for path in HERE.glob("*.js"):
        text = path.read_text(encoding="utf-8").replace('.js";', '.mjs";')
        (tmp_path / path.name).with_suffix(".mjs").write_text(text, encoding="utf-8")
    cases = logits()
    seen = [(np.arange(len(c)) % 3 == 0).astype(int) for c in cases]
    given = {"cases": [[str(float(x)) for x in c] for c in cases], "seen": [s.tolist() for s in seen]}
    (tmp_path / "in.json").write_text(json.dumps(given | {"settings": SETTINGS}))
    (tmp_path / "run.mjs").write_text(RUN, encoding="utf-8")
    run = subprocess.run(["node", "run.mjs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    for x, mark, found in zip(cases, seen, json.loads(run.stdout), strict=True):
        for (T, k, p, penalty), mine in zip(SETTINGS, found, strict=True):
            expected = stages(x, rules(T, k, p, penalty, 0, len(x)), np.flatnonzero(mark)).p
            assert (np.array(mine) > 0).tolist() == (expected > 0).tolist(), (x, T, k, p, penalty)
            np.testing.assert_allclose(mine, expected, atol=1e-12)
