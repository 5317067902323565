"""A bundle comes back as it was, says when something is missing, and its hash notices every change."""

import numpy as np
import pytest

from course_lib import checkpoint
from course_lib.data import Malformed
from course_lib.data.preprocess import StandardScaler
from course_lib.topics.bundle import Bundle, data_hash, load_bundle, manifest, mlp, save_bundle

X = np.random.default_rng(0).normal(5, 3, size=(20, 3))


def bundle(sizes=(3, 4, 2), features=("a", "b", "c"), classes=("no", "yes")):
    scaler = StandardScaler().fit(X)
    model = mlp(sizes, np.random.default_rng(1))
    return Bundle(model, scaler, features, classes, manifest("7", 1, X, np.zeros(20), note="α"))


def test_a_round_trip_changes_no_bit(tmp_path):
    first = bundle()
    save_bundle(tmp_path / "b.safetensors", first)
    second = load_bundle(tmp_path / "b.safetensors")
    np.testing.assert_array_equal(second.predict_proba(X), first.predict_proba(X))
    for name in ("features", "classes", "manifest", "sizes", "version"):
        assert getattr(second, name) == getattr(first, name)
    assert second.manifest["note"] == "α"
    assert second.version == "7"


def test_probabilities_are_those_of_scaled_rows_by_hand():
    b = bundle()
    w = b.model.state_dict()
    h = np.maximum((X - X.mean(0)) / X.std(0) @ w["0.weight"].T + w["0.bias"], 0)
    e = np.exp(h @ w["2.weight"].T + w["2.bias"])
    np.testing.assert_allclose(b.predict_proba(X), e / e.sum(1, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize("wrong", [{"features": ("a", "b")}, {"classes": ("no",)}, {"sizes": (4, 4, 2)}])
def test_parts_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ValueError, match="Bundle: the model has"):
        bundle(**wrong)


@pytest.mark.parametrize("part", ["sizes", "features", "classes", "scaler", "model", "manifest"])
def test_a_file_without_a_part_is_no_bundle(tmp_path, part):
    path = tmp_path / "b.safetensors"
    save_bundle(path, bundle())
    state = checkpoint.load(path)
    del state[part]
    checkpoint.save(path, state)
    with pytest.raises(Malformed, match=part):
        load_bundle(path)


@pytest.mark.parametrize("change", [
    lambda s: s["scaler"].update(mean=np.zeros(2), scale=np.ones(2)),
    lambda s: s["scaler"].update(mean=np.zeros((3, 1)), scale=np.ones((3, 1))),
    lambda s: s.update(sizes=[3, 5, 2]),
    lambda s: s.update(sizes=[]),
    lambda s: s.update(sizes=["3", 4, 2]),
    lambda s: s.update(classes=["no"]),
    lambda s: s.update(model={}),
    lambda s: s.update(scaler=None),
])  # fmt: skip
def test_a_file_whose_parts_disagree_is_refused(tmp_path, change):
    path = tmp_path / "b.safetensors"
    save_bundle(path, bundle())
    state = checkpoint.load(path)
    change(state)
    checkpoint.save(path, state)
    with pytest.raises(Malformed, match="do not fit together"):
        load_bundle(path)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "b.safetensors"
    save_bundle(path, bundle())
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(Malformed):
        load_bundle(path)


def test_the_hash_notices_values_order_shape_and_type():
    same = data_hash(X, np.arange(20))
    assert data_hash(X.copy(), np.arange(20)) == data_hash(np.asfortranarray(X), np.arange(20)) == same
    moved = X.copy()
    moved[3, 1] += 1e-12
    others = [data_hash(moved, np.arange(20)), data_hash(X[::-1], np.arange(20)), data_hash(X.T, np.arange(20)),
              data_hash(X.astype("f4"), np.arange(20)), data_hash(X)]  # fmt: skip
    assert len({same, *others}) == 6


def test_the_hash_of_text_is_that_of_its_letters():
    one, two = (np.array(["".join(["ma", "lignant"]), "benign"], dtype=object) for _ in range(2))
    assert data_hash(one) == data_hash(two) != data_hash(one[::-1])
