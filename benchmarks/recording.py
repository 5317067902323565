"""What recording and showing a run in `TrainDeck` costs the training itself."""

import threading
import time

from benchmarks.timing import Row
from course_lib import nn, optim, random
from course_lib.data.digits import digits
from course_lib.losses import cross_entropy
from course_lib.training import Trainer

STEPS = 1000
NOTE = (
    "A record every tenth step, a checkpoint every epoch, both less often as the run grows; the deck as Play runs it, "
    "with its pictures, held between the rounds. The losses are the same bit for bit."
)


def trainer() -> Trainer:
    """Return a run on the digits: 64-128-128-10, Adam, batches of 64."""
    random.manual_seed(0)
    data = digits()
    layers = nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10)
    model = nn.Sequential(*layers)
    return Trainer(model, optim.Adam(model.parameters(), lr=1e-3), cross_entropy, (data.x_train, data.y_train),
                   validation=(data.x_test, data.y_test), batch_size=64)  # fmt: skip


def bare():
    """Steps of the trainer alone."""
    run = trainer()

    def work():
        for _ in range(STEPS):
            run.step()

    return work


def played():
    """Steps of the same trainer as Play takes them. Play goes on and on; between two rounds it waits."""
    from course_lib.widgets import TrainDeck

    deck = TrainDeck(trainer(), max_steps=10**9)
    go, done, take, left = threading.Semaphore(0), threading.Semaphore(0), deck.play_step, 0

    def step():
        nonlocal left
        if not left:
            done.release()
            go.acquire()
            left = STEPS
        left -= 1
        return take()

    def work():
        go.release()
        done.acquire()

    deck.play_step = step
    deck.loop.start()
    done.acquire()
    return work


def row() -> Row:
    """Return the row for the table."""
    return Row(f"{STEPS:,} training steps in TrainDeck", {"TrainDeck": played, "Trainer alone": bare},
               {"Trainer alone": 1.05}, rounds=61, note=NOTE, ours="TrainDeck", clock=time.process_time)  # fmt: skip
