"""Pruning beside torch.nn.utils.prune: the same masks, the same runs while the zeros are held."""

import numpy as np
from torch.nn.utils import prune

from course_lib import compression as ours
from course_lib import losses, optim
from course_lib.training import Trainer
from course_lib.verify.proofs import relative
from course_lib.verify.sampling import holds, seeds, st
from course_lib.verify.spec import Measured, Spec
from course_lib.verify.specs.compression import state, weights
from course_lib.verify.tools import torch
from course_lib.verify.twins import blobs, networks

AMOUNTS = (0.0, 0.1, 0.5, 0.77, 1.0)


class Holder(torch.nn.Module):
    """Something that torch.nn.utils.prune can prune."""

    def __init__(self, w):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(w))


def holders(values):
    return {name: Holder(w) for name, w in values.items() if w.ndim >= 2}


def kept(modules):
    return {name: module.weight_mask.numpy().astype(bool) for name, module in modules.items()}


def worst(masks, expected):
    assert masks.keys() == expected.keys()
    return max(relative(masks[name], mask) for name, mask in expected.items())


def magnitude_error(dtype):
    errors = []
    for amount in AMOUNTS:
        values = state(3, dtype)
        together, alone = holders(values), holders(values)
        prune.global_unstructured([(m, "weight") for m in together.values()], prune.L1Unstructured, amount=amount)
        for module in alone.values():
            prune.l1_unstructured(module, "weight", amount)
        errors += [worst(ours.magnitude_masks(values, amount), kept(together)),
                   worst(ours.magnitude_masks(values, amount, "layer"), kept(alone))]  # fmt: skip
    return max(errors)


def threshold_error(dtype):
    """No mask, a threshold: the k-th smallest |w| of all is the largest that goes."""
    values = state(4, np.float64)
    sizes = sorted(abs(v) for w in values.values() if w.ndim >= 2 for v in w.ravel().tolist())
    limit = sizes[round(0.6 * len(sizes)) - 1]
    expected = {name: np.abs(w) > limit for name, w in values.items() if w.ndim >= 2}
    return worst(ours.magnitude_masks(values, 0.6), expected)


def rows_error(dtype):
    errors = []
    for amount in AMOUNTS:
        values = state(5, dtype)
        modules = holders(values)
        for module in modules.values():
            prune.ln_structured(module, "weight", amount, n=2, dim=0)
        errors.append(worst(ours.row_masks(values, amount), kept(modules)))
    return max(errors)


def rows_loop_error(dtype):
    w = weights(6, (9, 4), np.float64)
    norms = [sum(v * v for v in row) for row in w.tolist()]
    drop = sorted(range(9), key=norms.__getitem__)[:3]
    expected = np.array([[i not in drop] * 4 for i in range(9)])
    return relative(ours.row_masks({"w": w}, 1 / 3)["w"], expected)


def masked_error(dtype):
    values = state(7, dtype)
    modules = holders(values)
    for module in modules.values():
        prune.l1_unstructured(module, "weight", 0.4)
    pruned = ours.apply_masks(values, kept(modules))
    assert all(np.array_equal(pruned[k], v) for k, v in values.items() if k not in modules)
    return max(relative(pruned[k], m.weight.detach().numpy()) for k, m in modules.items())


def masked_loop_error(dtype):
    values = {"w": weights(8, dtype=np.float64)}
    masks = ours.magnitude_masks(values, 0.5)
    pairs = zip(values["w"].ravel().tolist(), masks["w"].ravel().tolist(), strict=True)
    return relative(ours.apply_masks(values, masks)["w"].ravel(), [v if keep else 0.0 for v, keep in pairs])


def training():
    """A trainer with half of the weights pruned and held at 0, and the masks."""
    model = networks()[0]
    masks = ours.magnitude_masks(model.state_dict(), 0.5)
    model.load_state_dict(ours.apply_masks(model.state_dict(), masks))
    sgd = optim.SGD(model.parameters(), 0.1)
    data = blobs(30)
    return Trainer(model, sgd, losses.cross_entropy, data, batch_size=30, callbacks=[ours.KeepPruned(masks)]), masks


def tuned_error(dtype):
    """20 steps of fine-tuning, beside torch.nn.utils.prune's own way of masking while training."""
    trainer, masks = training()
    twin = networks()[1]
    twin.load_state_dict({k: torch.tensor(v) for k, v in trainer.model.state_dict().items()})
    for i in (0, 2):
        prune.custom_from_mask(twin[i], "weight", torch.tensor(masks[f"{i}.weight"]))
    sgd, (x, y) = torch.optim.SGD(twin.parameters(), 0.1), map(torch.tensor, blobs(30))
    errors = []
    for _ in range(20):
        sgd.zero_grad()
        loss = torch.nn.functional.cross_entropy(twin(x), y)
        loss.backward()
        sgd.step()
        errors.append(relative(trainer.step(), loss.item()))
    return max(errors)


def projected_error(dtype):
    """The same steps by hand: gradient, step, zeros."""
    (trainer, masks), (plain, _) = training(), training()
    plain.callbacks = []
    for _ in range(10):
        trainer.step()
        plain.step()
        plain.model.load_state_dict(ours.apply_masks(plain.model.state_dict(), masks))
    return max(relative(v, plain.model.state_dict()[k]) for k, v in trainer.model.state_dict().items())


@holds(rng=seeds(), amount=st.floats(0, 1), scope=st.sampled_from(["global", "layer"]))
def drops_exactly_the_share_asked_for_and_no_larger_weight(rng, amount, scope):
    values = {"a": rng.integers(-3, 4, (3, 4)).astype(float), "b": rng.normal(size=(2, 5))}
    masks = ours.magnitude_masks(values, amount, scope)
    groups = [["a"], ["b"]] if scope == "layer" else [["a", "b"]]
    for names in groups:
        w, mask = (np.concatenate([d[n].ravel() for n in names]) for d in (values, masks))
        assert (~mask).sum() == round(amount * mask.size)
        assert np.abs(w[~mask]).max(initial=0) <= np.abs(w[mask]).min(initial=np.inf)


@holds(rng=seeds(), amount=st.floats(0, 1))
def drops_whole_rows_and_the_shortest(rng, amount):
    w = rng.normal(size=(8, 3))
    mask = ours.row_masks({"w": w}, amount)["w"]
    assert (mask.all(1) | ~mask.any(1)).all()
    norms = np.linalg.norm(w, axis=1)
    assert norms[~mask[:, 0]].max(initial=0) <= norms[mask[:, 0]].min(initial=np.inf)


@holds(seed=st.integers(0, 99), amount=st.floats(0, 1))
def masking_twice_is_masking_once(seed, amount):
    once = ours.apply_masks(state(seed), ours.magnitude_masks(state(seed), amount))
    twice = ours.apply_masks(once, ours.magnitude_masks(once, amount))
    assert all(np.array_equal(twice[k], v) for k, v in once.items())


@holds(steps=st.integers(1, 5), examples=4)
def zeros_stay_and_the_rest_moves(steps):
    trainer, masks = training()
    before = trainer.model.state_dict()
    for _ in range(steps):
        trainer.step()
    for name, mask in masks.items():
        now = trainer.model.state_dict()[name]
        assert (now[~mask] == 0).all()
        assert (now[mask] != before[name][mask]).any()


def spec(name, parity, second, *properties, float32=1e-6):
    return Spec(f"compression.{name}", parity=Measured(*parity, float32=float32), second=Measured(*second),
                properties=properties)  # fmt: skip


SPECS = (
    spec("magnitude_masks", ("torch.nn.utils.prune, L1", magnitude_error), ("a threshold", threshold_error),
         drops_exactly_the_share_asked_for_and_no_larger_weight),
    spec("row_masks", ("torch.nn.utils.prune.ln_structured", rows_error), ("norms in a loop", rows_loop_error),
         drops_whole_rows_and_the_shortest),
    spec("apply_masks", ("torch.nn.utils.prune", masked_error), ("a loop", masked_loop_error),
         masking_twice_is_masking_once),
    spec("KeepPruned", ("training under torch.nn.utils.prune", tuned_error), ("projected steps", projected_error),
         zeros_stay_and_the_rest_moves, float32=None),
)
