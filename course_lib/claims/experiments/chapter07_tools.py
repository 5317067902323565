"""Tools, tried: the training loop that a trainer automates, data tools, git, notebooks, the debugger."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from course_lib import losses, nn, optim
from course_lib.autograd import Tensor
from course_lib.claims.evidence import Evidence, close
from course_lib.data import digits
from course_lib.topics import debugging, notebook_text, repeatable
from course_lib.training import Trainer

GIT = {"GIT_AUTHOR_NAME": "Reader", "GIT_AUTHOR_EMAIL": "reader@example.org", "GIT_AUTHOR_DATE": "2024-01-01T00:00Z",
       "GIT_COMMITTER_NAME": "Reader", "GIT_COMMITTER_EMAIL": "reader@example.org",
       "GIT_COMMITTER_DATE": "2024-01-01T00:00Z", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
       "GIT_DIR": ""}  # fmt: skip
VERSIONS = ("lr = 0.1\n", "lr = 0.01\n")
CELLS = ["x = 1", "x = x + 1", "y = 10 * x"]


def trainer_loop():
    """Three steps by a trainer and by hand, from the same weights on the same batches."""
    data = digits()
    x, y = data.x_train[:60], data.y_train[:60]
    by_trainer, by_hand = _model(), _model()
    Trainer(by_trainer, optim.SGD(by_trainer.parameters(), lr=0.1), losses.cross_entropy, (x, y), batch_size=20).run(1)
    optimizer, order = optim.SGD(by_hand.parameters(), lr=0.1), np.random.default_rng(0).permutation(60)
    for batch in order.reshape(3, 20):
        optimizer.zero_grad()
        losses.cross_entropy(by_hand(Tensor(x[batch])), y[batch]).backward()
        optimizer.step()
    start = _model().parameters()[0].data
    moved = float(np.abs(by_trainer.parameters()[0].data - start).max())
    pairs = zip(by_trainer.parameters(), by_hand.parameters(), strict=True)
    apart = max(float(np.abs(a.data - b.data).max()) for a, b in pairs)
    return Evidence(
        "three steps of a trainer and three steps written out (zero the gradients, forward, backward, step) end in "
        "the same weights; the gradients are the tape's in both.",
        said={"a trainer optimises without a loop of ours": moved > 1e-3},
        gap={"it computes no gradient of its own: the loop by hand ends in the same weights": apart == 0},
        right={"what is automated is the calling of backward and step": apart == 0},
        numbers={"largest difference": apart},
    )


def data_tools():
    """NumPy and scikit-learn on the digits."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.preprocessing import StandardScaler

    data = digits()
    x = data.x_train.astype(float)
    spread = x.std(0)
    by_numpy = (x - x.mean(0)) / np.where(spread > 0, spread, 1)
    scaler = StandardScaler().fit(x)
    model = RidgeClassifier().fit(scaler.transform(x), data.y_train)
    score = float(model.score(scaler.transform(data.x_test.astype(float)), data.y_test))
    most = float(np.mean(data.y_test == np.bincount(data.y_train).argmax()))
    return Evidence(
        f"NumPy's and scikit-learn's standardised digits agree to twelve decimals, and a linear classifier on them "
        f"reaches {score:.2f} of the test digits (always the commonest digit: {most:.2f}).",
        said={"NumPy computes, scikit-learn prepares data and trains": score > 3 * most},
        right={"both standardise alike": close(by_numpy, scaler.transform(x), 12)},
        numbers={"accuracy": round(score, 2), "baseline": round(most, 2)},
    )


def history():
    """Two versions of a file, committed: git keeps both and can bring the first one back."""
    log, first, names, _ = _repository()
    return Evidence(
        f"after {len(log)} commits git lists both and returns the first version; it names contents by their SHA-1, "
        f"which hashlib computes too ({names[0][:7]}).",
        said={"every committed version is kept": log == ["second", "first"], "and comes back": first == VERSIONS[0]},
        right={"a version is named by its content": names == [repeatable.blob_id(v.encode()) for v in VERSIONS]},
        numbers={"first version": names[0][:7], "second version": names[1][:7]},
    )


def platform():
    """The whole history without any platform: a clone from one folder to another."""
    log, _, _, cloned = _repository()
    return Evidence(
        f"a clone from a plain folder holds all {len(cloned)} commits; no platform took part.",
        said={"git keeps the history of changes": log == ["second", "first"]},
        gap={"no platform is needed: a clone between two folders has all of it": cloned == log},
        right={"a platform hosts copies, git makes them": cloned == ["second", "first"]},
        numbers={"commits": len(cloned)},
    )


def cell_order():
    """Three cells, run from top to bottom and with one of them run twice."""
    down = notebook_text.run_cells(CELLS, [0, 1, 2])
    again = notebook_text.run_cells(CELLS, [0, 1, 1, 2])
    return Evidence(
        f"the same three cells give y = {down['y']} from top to bottom and y = {again['y']} when the second is run "
        "twice; without the first, they do not run at all in a fresh kernel.",
        said={"a notebook runs cells one by one and shows results": down["y"] == 20},
        gap={"the order of running decides, and the page does not show it": again["y"] != down["y"]},
        right={"a fresh kernel, top to bottom, gives one result": down == notebook_text.run_cells(CELLS, range(3)),
               "and tells when a needed cell was deleted": _raises()},
        numbers={"top to bottom": down["y"], "second cell twice": again["y"]},
    )  # fmt: skip


def debugger():
    """pdb, after the error, without a keyboard."""
    answers = debugging.ask_debugger(_mean_of, ["p count", "p values", "up", "p values"], [])
    return Evidence(
        f"asked at the line that failed, pdb says count = {answers[0]} and values = {answers[1]}: the cause of the "
        "ZeroDivisionError.",
        said={"pdb shows variables where it failed": answers[:2] == ["0", "[]"]},
        right={"no keyboard is needed": len(answers) == 4},
        numbers={"count": answers[0], "values": answers[1]},
    )


def _model():
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(64, 16, rng=rng), nn.ReLU(), nn.Linear(16, 10, rng=rng))


def _repository():
    """(log, the first version as git returns it, git's names of both versions, the log of a clone)."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder, "one"), Path(folder, "two")
        one.mkdir()
        _git(one, "init")
        for version, message in zip(VERSIONS, ("first", "second"), strict=True):
            (one / "settings.py").write_bytes(version.encode())
            _git(one, "add", "settings.py")
            _git(one, "commit", "-m", message)
        log = _git(one, "log", "--format=%s").split()
        names = [_git(one, "rev-parse", f"{commit}:settings.py").strip() for commit in ("HEAD~1", "HEAD")]
        first = _git(one, "show", "HEAD~1:settings.py")
        _git(one, "clone", str(one), str(two))
        return log, first, names, _git(two, "log", "--format=%s").split()


def _git(folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    settings = {k: v for k, v in GIT.items() if v}
    command = ["git", "-c", "core.autocrlf=false", "-c", "init.defaultBranch=main", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment | settings, capture_output=True, check=True)
    return done.stdout.decode()


def _raises():
    """Whether the second cell fails without the first."""
    try:
        notebook_text.run_cells(CELLS[1:], [0])
    except NameError:
        return True
    return False


def _mean_of(values):
    count = len(values)
    return sum(values) / count
