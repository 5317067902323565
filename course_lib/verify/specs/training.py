"""The training loop, beside one written by hand in PyTorch."""

import numpy as np
from sklearn.linear_model import Ridge

from course_lib import nn, optim, schedules
from course_lib import training as ours
from course_lib.autograd import Tensor
from course_lib.losses import cross_entropy, mse_loss
from course_lib.training import Callback, EachEpoch, EarlyStopping, Trainer
from course_lib.verify.gradcheck import gradcheck
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec, Without
from course_lib.verify.tools import torch
from course_lib.verify.twins import blobs, networks, torch_run

TRAIN, VALIDATION = blobs(22, seed=1), blobs(13, seed=2)  # 22 = 3 batches of 6 and one of 4
EPOCHS = 25  # 100 steps


def runs(lr=0.02, **options):
    """Return our trainer, torch's model and optimizer: same weights, same data."""
    model, twin = networks()
    adam, torch_adam = optim.Adam(model.parameters(), lr), torch.optim.Adam(twin.parameters(), lr)
    return Trainer(model, adam, cross_entropy, TRAIN, batch_size=6, seed=3, **options), twin, torch_adam


def flat(rows):
    return np.array([loss for row in rows for loss in row["losses"]])


def trainer_error(dtype):
    trainer, twin, adam = runs()
    losses = [trainer.step() for _ in range(100)]
    return relative(losses, flat(torch_run(twin, adam, TRAIN, EPOCHS, 6, seed=3)))


def gradient_error(dtype):
    """Finite differences of the batch loss, at the gradients that the optimizer is about to use."""
    reports = []

    class Check(Callback):
        def on_backward(self, trainer):
            index = trainer._order[trainer._position : trainer._position + 6]
            batch, target = Tensor(trainer.x[index]), trainer.y[index]
            report = gradcheck(lambda *_: cross_entropy(trainer.model(batch), target), *trainer.model.parameters())
            assert report, report
            reports.append(report.error)

    trainer, _, _ = runs(callbacks=[Check()])
    for _ in range(4):
        trainer.step()
    return max(reports)


def fit_error(dtype):
    trainer, twin, adam = runs()
    history = ours.fit(trainer.model, trainer.optimizer, cross_entropy, TRAIN, epochs=EPOCHS, batch_size=6, seed=3,
                       validation=VALIDATION)  # fmt: skip
    rows = list(torch_run(twin, adam, TRAIN, EPOCHS, 6, seed=3, validation=VALIDATION))
    return max(
        relative(history.steps, flat(rows)),
        relative(history["val_loss"], [row["val_loss"] for row in rows]),
        relative(history["val_accuracy"], [row["val_accuracy"] for row in rows]),
    )


def ridge_error(dtype):
    """Minimize ½·mean squared error + ½·decay·w² by momentum, to rounding; solve the same in closed form."""
    rng, decay = np.random.default_rng(0), 0.1
    x, y = rng.normal(size=(30, 4)), rng.normal(size=(30, 1))
    model = nn.Linear(4, 1, bias=False, dtype=np.float64)
    sgd = optim.SGD(model.parameters(), lr=0.2, momentum=0.7, weight_decay=decay)
    ours.fit(model, sgd, lambda a, b: mse_loss(a, b) * 0.5, (x, y), epochs=400, batch_size=30, metrics={})
    exact = Ridge(alpha=decay * 30, fit_intercept=False).fit(x, y).coef_
    return relative(model.weight.data, np.reshape(exact, (1, 4)))


def clipping_error(dtype):
    class Clip(Callback):
        def on_backward(self, trainer):
            optim.clip_grad_norm_(trainer.model.parameters(), 0.3)

    trainer, twin, adam = runs(callbacks=[Clip()])
    trainer.run(EPOCHS)
    return relative(trainer.history.steps, flat(torch_run(twin, adam, TRAIN, EPOCHS, 6, seed=3, clip=0.3)))


def schedule_error(dtype):
    trainer, twin, adam = runs()
    trainer.callbacks.append(EachEpoch(schedules.CosineAnnealingLR(trainer.optimizer, EPOCHS)))
    trainer.run(EPOCHS)
    rows = torch_run(twin, adam, TRAIN, EPOCHS, 6, seed=3,
                     schedule=torch.optim.lr_scheduler.CosineAnnealingLR(adam, EPOCHS))  # fmt: skip
    return relative(trainer.history.steps, flat(rows))


def stopping_error(dtype):
    """Early stopping by hand: keep the best weights, stop after 4 epochs without a better validation loss."""
    trainer, twin, adam = runs(lr=0.3, callbacks=[EarlyStopping(patience=4)], validation=VALIDATION)
    trainer.run(200)
    best, best_epoch, weights, seen = np.inf, 0, None, []
    for epoch, row in enumerate(torch_run(twin, adam, TRAIN, 200, 6, seed=3, validation=VALIDATION), 1):
        seen.append(row["val_loss"])
        if row["val_loss"] < best:
            best, best_epoch = row["val_loss"], epoch
            weights = {k: v.clone().numpy() for k, v in twin.state_dict().items()}
        elif epoch - best_epoch >= 4:
            break
    assert len(trainer.history) == len(seen) < 200
    state = trainer.model.state_dict()
    return max(relative(trainer.history["val_loss"], seen), *(relative(state[k], v) for k, v in weights.items()))


@holds(rng=seeds(), examples=5)
def resumes_bit_for_bit(rng):
    cut, rest = rng.integers(0, 9, size=2)
    a, b = runs(validation=VALIDATION)[0], runs(validation=VALIDATION)[0]
    for _ in range(cut):
        a.step()
    b.load_state_dict(a.state_dict())
    assert [a.step() for _ in range(rest)] == [b.step() for _ in range(rest)]
    assert a.history.table() == b.history.table()
    assert all(np.array_equal(v, b.model.state_dict()[k]) for k, v in a.model.state_dict().items())


@holds(size=st.integers(1, 25), examples=10)
def an_epoch_shows_every_sample_once(size):
    model, _ = networks()
    seen = []

    def loss(output, target):
        seen.append(target)
        return cross_entropy(output, target)

    numbers = np.arange(22) % 3
    trainer = Trainer(model, optim.SGD(model.parameters()), loss, (TRAIN[0], numbers), batch_size=size)
    trainer.run(1)
    assert sorted(np.concatenate(seen)) == sorted(numbers)
    assert trainer.step_count == -(-22 // size)


@holds(seed=st.integers(0, 1000), examples=5)
def same_seed_same_run(seed):
    def losses():
        model, _ = networks()
        return (
            Trainer(model, optim.Adam(model.parameters()), cross_entropy, TRAIN, batch_size=5, seed=seed).run(2).steps
        )

    assert losses() == losses()


@holds(epochs=st.integers(1, 4), examples=4)
def equals_the_trainer_run_by_hand(epochs):
    a, b = runs()[0], runs()[0]
    a.run(epochs)
    history = ours.fit(b.model, b.optimizer, cross_entropy, TRAIN, epochs=epochs, batch_size=6, seed=3)
    assert a.history.steps == history.steps


@holds(epochs=st.integers(1, 3), examples=3)
def hooks_come_once_per_step_and_epoch_in_order(epochs):
    calls = []

    class Note(Callback):
        def on_backward(self, trainer):
            calls.append("backward")

        def on_step(self, trainer):
            calls.append("step")

        def on_epoch(self, trainer):
            calls.append("epoch")

    runs(callbacks=[Note(), Callback()])[0].run(epochs)
    assert calls == (["backward", "step"] * 4 + ["epoch"]) * epochs


@holds(patience=st.integers(1, 5), flat=st.integers(0, 3), examples=10)
def waits_exactly_patience_epochs(patience, flat):
    trainer = runs(metrics={})[0]
    stopping = EarlyStopping("loss", patience)
    values = [3.0, 2.0, *[2.0] * flat, 1.0] if flat < patience else [3.0, 2.0]
    for epoch, value in enumerate([*values, *[5.0] * 20], 1):
        trainer.history.add_epoch({"epoch": epoch, "loss": value})
        stopping.on_epoch(trainer)
        if trainer.stopped:
            break
    assert epoch == len(values) + patience


@holds(n=st.integers(0, 10))
def moves_the_schedule_on_once_per_epoch(n):
    trainer = runs()[0]
    schedule = schedules.StepLR(trainer.optimizer, 3)
    trainer.callbacks.append(EachEpoch(schedule))
    trainer.run(n)
    assert schedule.t == n


LOOP = "a PyTorch loop written by hand, 100 steps"
NO_GRADIENT = Without("no gradient: it watches or steers a run and computes nothing")

SPECS = (
    Spec("training.Trainer", parity=Measured(LOOP, trainer_error, float32=None),
         second=Measured("finite differences of the batch loss", gradient_error),
         properties=(resumes_bit_for_bit, an_epoch_shows_every_sample_once, same_seed_same_run)),
    Spec("training.fit", parity=Measured(LOOP, fit_error, float32=None),
         second=Measured("scikit-learn's Ridge", ridge_error), properties=(equals_the_trainer_run_by_hand,)),
    Spec("training.Callback", parity=Measured(f"{LOOP}, clipping gradients", clipping_error, float32=None),
         second=NO_GRADIENT, properties=(hooks_come_once_per_step_and_epoch_in_order,)),
    Spec("training.EarlyStopping", parity=Measured("early stopping by hand in PyTorch", stopping_error, float32=None),
         second=NO_GRADIENT, properties=(waits_exactly_patience_epochs,)),
    Spec("training.EachEpoch", parity=Measured(f"{LOOP}, with its scheduler", schedule_error, float32=None),
         second=NO_GRADIENT, properties=(moves_the_schedule_on_once_per_epoch,)),
)  # fmt: skip
