"""Training in several processes, and after a kill: the same numbers as in one process that was left alone."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from course_lib import checkpoint
from tests.chatbot.process import RECIPE
from tests.chatbot.test_train import IDS, Rows, Trainer, make

LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1",
          "--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]  # fmt: skip
SELF = ["-m", "tests.chatbot.process"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}


def alone(**changes):
    run = Trainer(make(**changes), Rows(IDS), RECIPE, "cpu")
    run.run()
    return run


def test_two_processes_of_torchrun_make_the_steps_of_one(tmp_path):
    out = tmp_path / "run.safetensors"
    done = subprocess.run([*LAUNCH, *SELF, out], capture_output=True, text=True, env=ENVIRONMENT, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    of = [json.loads((tmp_path / f"run.safetensors.{rank}").read_text()) for rank in (0, 1)]
    assert of[0] == of[1], "both processes report the mean of both"
    one = alone()
    np.testing.assert_allclose(of[0], one.losses, atol=1e-5)
    stored = checkpoint.load(out)["model"]
    for name, tensor in one.model.state_dict().items():
        np.testing.assert_allclose(stored[name], tensor, atol=1e-4)


@pytest.mark.parametrize("after", [13])
def test_a_killed_run_goes_on_from_its_last_save_bit_for_bit(tmp_path, after):
    out = tmp_path / "run.safetensors"
    with subprocess.Popen([sys.executable, *SELF, out, "0.05"], stdout=subprocess.PIPE, text=True,
                          env=ENVIRONMENT) as process:  # fmt: skip
        for line in process.stdout:
            if line.strip() == str(after):
                process.kill()  # SIGKILL: nothing can be tidied up
                break
    assert process.returncode != 0
    lost = after - checkpoint.load(out)["step"]
    assert lost < 5
    second = Trainer(make(dropout=0.1), Rows(IDS), RECIPE, "cpu")
    second.resume(out)
    second.run()
    one = alone(dropout=0.1)
    assert second.losses == one.losses
    for a, b in zip(second.model.parameters(), one.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_kill_during_the_writing_leaves_the_last_save(tmp_path, monkeypatch):
    out = tmp_path / "run.safetensors"
    run = Trainer(make(), Rows(IDS), RECIPE, "cpu")
    run.run(until=4)
    run.save(out)
    run.run(until=8)
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run.save(out)
    assert checkpoint.load(out)["step"] == 4
