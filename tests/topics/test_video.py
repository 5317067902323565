"""Video: clips move as they say, one frame says nothing, order is what counts."""

import numpy as np
import pytest

from course_lib.data import digits
from course_lib.topics import video


@pytest.fixture(scope="module")
def split():
    return digits(flat=False)


def test_clips_move_one_step_a_frame(split):
    x, y = video.clips(split.x_test, 50, noise=0)
    assert x.shape == (50, 5, 12, 12)
    for clip, direction in zip(x, y, strict=True):
        step = list(video.DIRECTIONS.values())[direction]
        for t in range(4):
            assert np.array_equal(np.roll(clip[t], step, (0, 1)), clip[t + 1])


def test_clips_hold_the_digits_and_noise_below(split):
    x, _ = video.clips(split.x_test[:1], 30, noise=0.1)
    lit = split.x_test[0, 0][split.x_test[0, 0] > 0.1]
    for clip in x:
        np.testing.assert_array_equal(np.sort(clip[0][clip[0] > 0.1]), np.sort(lit))


def test_places_say_nothing_of_directions(split):
    """The brightest row and column of any frame are spread alike over all directions."""
    from scipy.stats import chi2_contingency

    x, y = video.clips(split.x_test[:1], 6000, noise=0)
    for frame in (0, 4):
        for axis in (1, 2):
            place = x[:, frame].max(axis).argmax(1)
            table = np.histogram2d(place, y, bins=(range(13), range(5)))[0]
            assert chi2_contingency(table[table.sum(1) > 0]).pvalue > 1e-3


def test_rule_finds_the_step(split):
    x, y = video.clips(split.x_test, 100)
    assert np.array_equal(video.difference_rule(x), y)
    assert np.array_equal(video.difference_rule(x[:, ::-1]), video.OPPOSITE[y])


def test_out_of_order_keeps_each_clips_frames(split):
    x, _ = video.clips(split.x_test, 20)
    mixed = video.out_of_order(x)
    assert not np.array_equal(mixed, x)
    key = lambda clips: np.sort(clips.reshape(20, 5, -1).sum(-1), 1)  # noqa: E731
    np.testing.assert_array_equal(key(mixed), key(x))


def test_order_is_what_counts(split):
    """One frame: chance. Frames shuffled: the axis at most, never which way. In order: all, and backwards reversed."""
    r = video.compare(split.x_train, split.x_test)
    assert r["one frame"][1] < 0.25 < r["one frame"][2] < 0.35
    assert 0.35 < r["frames out of order"][0] < 0.56
    assert r["all frames"][1] > 0.95
    assert r["backwards"][1] > 0.95
    assert r["twice as fast"][2] < r["all frames"][1]
    assert r["rule"][0] == 1
