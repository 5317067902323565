"""Detection: the sliding network is the window classifier, boxes and average precision are the usual ones."""

import numpy as np
import pytest

from course_lib.data import digits
from course_lib.topics import detection


@pytest.fixture(scope="module")
def split():
    return digits(flat=False)


def test_one_pass_over_a_canvas_is_every_window_by_itself():
    rng = np.random.default_rng(0)
    model = detection.WindowNet(11, rng)
    canvas = rng.random((1, 1, 13, 10)).astype(np.float32)
    cut = np.lib.stride_tricks.sliding_window_view(canvas[0, 0], (8, 8))  # (6, 3, 8, 8)
    alone = detection.output(model, cut.reshape(-1, 1, 8, 8))  # (18, 11)
    np.testing.assert_allclose(detection.output(model, canvas)[0].reshape(11, -1).T, alone, atol=1e-5)


def test_iou_against_counted_pixels():
    def pixels(i, j):
        mask = np.zeros((40, 40), bool)
        mask[i : i + 8, j : j + 8] = True
        return mask

    boxes = np.random.default_rng(0).integers(0, 20, (12, 2))
    masks = [pixels(*b) for b in boxes]
    counted = [[(a & b).sum() / (a | b).sum() for b in masks] for a in masks]
    np.testing.assert_allclose(detection.iou(boxes, boxes), counted)


def test_scenes_hold_what_they_say(split):
    canvases, truth = detection.scenes(split.x_test, split.y_test, n=20, seed=3)
    assert canvases.shape == (20, 1, 28, 28)
    for canvas, digits_here in zip(canvases, truth, strict=True):
        boxes = digits_here[:, :2]
        assert detection.iou(boxes, boxes)[~np.eye(3, dtype=bool)].max() == 0
        for i, j, label in digits_here:
            cut = canvas[0, i : i + 8, j : j + 8]
            of_class = split.x_test[split.y_test == label, 0]
            assert np.abs(np.maximum(of_class, 0.1) - np.maximum(cut, 0.1)).max((1, 2)).min() < 1e-6


def test_too_many_digits_for_the_canvas(split):
    with pytest.raises(ValueError, match="9 digits of 8×8 find no room on a canvas of 16×16"):
        detection.scenes(split.x_test, split.y_test, n=1, size=16, digits=9)


def random_findings(rng, missed):
    """Detections on 30 canvases: right ones (some left out), and wrong ones that overlap nothing."""
    truth = [np.array([[0, 0, 1], [0, 20, 1]]) for _ in range(30)]
    found, rows = [], []
    for canvas in truth:
        right = [(int(i), int(j), 1) for i, j, _ in canvas if rng.random() >= missed]
        boxes = [(*b, float(rng.random())) for b in [*right, (20, 20, 1), (20, 0, 1)]]
        rows += [(b[3], b[:3] in right) for b in boxes]
        found.append(boxes)
    return found, truth, np.array(rows)


@pytest.mark.parametrize("missed", [0, 0.4])
def test_average_precision_is_sklearns(missed):
    """Which counts recall among the found only; digits never found scale it down."""
    from sklearn.metrics import average_precision_score

    found, truth, rows = random_findings(np.random.default_rng(1), missed)
    expected = average_precision_score(rows[:, 1], rows[:, 0]) * rows[:, 1].sum() / 60
    assert detection.average_precision(found, truth) == pytest.approx(expected, abs=1e-12)
    assert detection.average_precision(found, truth, label=1) == pytest.approx(expected, abs=1e-12)


def test_average_precision_by_hand():
    truth = [np.array([[0, 0, 3]])]
    ap = lambda *boxes, **options: detection.average_precision([list(boxes)], truth, **options)  # noqa: E731
    assert ap((0, 0, 3, 0.9)) == 1
    assert ap((0, 0, 3, 0.9), (0, 0, 3, 0.8)) == 1  # the second finds nothing new, but comes later
    assert ap((0, 0, 3, 0.8), (9, 9, 3, 0.9)) == 0.5
    assert ap((0, 0, 4, 0.9)) == 0  # right place, wrong digit
    assert ap((0, 2, 3, 0.9)) == 1  # IoU 0.6
    assert ap((0, 2, 3, 0.9), least_iou=0.75) == 0
    assert ap() == 0
    assert np.isnan(ap(label=7))


def test_suppression_keeps_the_best_of_those_that_overlap(monkeypatch):
    scores = np.full((1, 11, 12, 12), -9.0)
    scores[0, 10] = 0
    for i, j, label, value in ((0, 0, 2, 3.0), (0, 1, 2, 2.0), (11, 11, 5, 4.0)):
        scores[0, label, i, j] = value
    monkeypatch.setattr(detection, "output", lambda model, x: scores)
    found = detection.detect(None, np.zeros((1, 19, 19)))
    assert [f[:3] for f in found] == [(11, 11, 5), (0, 0, 2)]


def test_a_detector_needs_a_background_class(split):
    """Centred digits are recognised far better than scenes are read, and without background hardly at all."""
    r = detection.report(split, sets=2)
    assert r["accuracy"] > 0.93 > max(r["ap"])
    assert min(r["ap"]) > 0.65 > 0.45 > r["ap_closed"]
    assert len(r["ap"]) == len(r["map"]) == 2


def test_one_pixel_breaks_a_classifier_and_moved_copies_mend_it(split):
    r = detection.shift_robustness(split)
    for name in ("CNN", "MLP"):
        assert r[name]["centred"] > 0.9 > 0.65 > r[name]["moved"]
    assert r["CNN, moved copies"]["moved"] > 0.75


def test_verification_against_sklearns_curve():
    from sklearn.metrics import roc_auc_score, roc_curve

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 200)
    e = np.eye(5)[labels] + rng.normal(0, 0.6, (200, 5))
    r = detection.verification(e, labels, pairs=2000)
    false, true = r["curve"]
    assert (len(false), false[-1], true[-1]) == (2000, 1, 1)
    hits = np.diff(true, prepend=0) > 0
    assert roc_auc_score(hits, -np.arange(2000)) == pytest.approx(r["auc"], abs=1e-9)
    fpr, tpr, _ = roc_curve(hits, -np.arange(2000), drop_intermediate=False)
    k = np.argmin(np.abs(fpr - (1 - tpr)))
    assert r["eer"] == pytest.approx((fpr[k] + 1 - tpr[k]) / 2, abs=2e-3)


@pytest.mark.parametrize(("noise", "low", "high"), [(0.0, 1, 1), (1e6, 0.45, 0.55)])
def test_verification_at_its_ends(noise, low, high):
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 4, 300)
    r = detection.verification(np.eye(4)[labels] + noise * rng.normal(size=(300, 4)), labels)
    assert low <= r["auc"] <= high


def test_what_it_never_saw_it_cannot_tell_apart(split):
    r = detection.open_set(split)
    assert r["known"]["CNN"]["auc"] > 0.92 > r["known"]["pixels"]["auc"]
    assert r["new"]["CNN"]["auc"] < r["new"]["pixels"]["auc"]
