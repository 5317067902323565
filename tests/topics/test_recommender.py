"""Recommender: the half step is least squares, the loss never grows, and models beat their baselines where they can."""

import numpy as np
import pytest

from course_lib.data import synthetic_ratings
from course_lib.data.ratings import ML_100K, Ratings, movie_ratings, split_by_time
from course_lib.data.source import MissingData
from course_lib.topics import recommender

LOW_RANK = {"rank": 4, "strength": 0.5, "sweeps": 20}


@pytest.fixture(scope="module")
def split():
    return split_by_time(synthetic_ratings(200, 100, rank=4, share=0.3, noise=0.3, seed=0))


def loss(target, weight, U, V, strength):
    return (weight * (target - U @ V.T) ** 2).sum() + strength * ((U**2).sum() + (V**2).sum())


@pytest.mark.parametrize("weighted", [False, True])
def test_half_step_is_numpys_least_squares(weighted):
    rng = np.random.default_rng(0)
    target, V = rng.normal(size=(6, 9)), rng.normal(size=(9, 3))
    weight = rng.random((6, 9)) if weighted else (rng.random((6, 9)) < 0.6).astype(float)
    found = recommender.solve_side(target, weight, V, 0.7)
    for row, w, y in zip(found, np.sqrt(weight), target, strict=True):
        A = np.concatenate([w[:, None] * V, np.sqrt(0.7) * np.eye(3)])
        expected = np.linalg.lstsq(A, np.concatenate([w * y, np.zeros(3)]))[0]
        np.testing.assert_allclose(row, expected, atol=1e-12)


def test_half_step_is_sklearns_ridge():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(1)
    target, V = rng.normal(size=(4, 30)), rng.normal(size=(30, 5))
    ridge = Ridge(alpha=2.0, fit_intercept=False).fit(V, target.T)
    np.testing.assert_allclose(recommender.solve_side(target, np.ones((4, 30)), V, 2.0), ridge.coef_, atol=1e-12)


def test_loss_never_grows():
    rng = np.random.default_rng(2)
    target, weight = rng.normal(size=(12, 8)), rng.random((12, 8))
    losses = [loss(target, weight, *recommender.factorise(target, weight, 3, 0.5, n), 0.5) for n in range(1, 12)]
    assert np.all(np.diff(losses) <= 1e-9)
    assert losses[-1] < 0.9 * losses[0]


def test_a_row_without_ratings_gets_nothing():
    weight = np.array([[1.0, 1, 1], [0, 0, 0]])
    found = recommender.solve_side(np.ones((2, 3)), weight, np.ones((3, 2)), 1.0)
    assert not found[1].any()
    assert found[0].all()


@pytest.mark.parametrize(
    ("shape", "strength", "message"), [((2, 4), 1.0, "do not fit"), ((2, 3), 0.0, "strength must be above 0, got 0.0")]
)
def test_bad_input(shape, strength, message):
    with pytest.raises(ValueError, match=message):
        recommender.solve_side(np.ones((2, 3)), np.ones(shape), np.ones((3, 2)), strength)


def test_biases_by_hand():
    r = Ratings(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([5.0, 3, 4]), np.arange(3.0), ("a", "b"))
    scores = recommender.biases(r, 3, strength=1)  # μ = 4; b_i = 1/3, -1/2; b_0 = (2/3 - 1/2) / 3, b_1 = -1/3 / 2
    np.testing.assert_allclose(scores[:, 0] - 4, [1 / 3 + 1 / 18, 1 / 3 - 1 / 6, 1 / 3])
    np.testing.assert_allclose(scores[:, 1] - 4, [-1 / 2 + 1 / 18, -1 / 2 - 1 / 6, -1 / 2])
    assert recommender.rmse(scores, r) == pytest.approx(np.sqrt(np.mean([(11 / 18) ** 2, (5 / 9) ** 2, (1 / 6) ** 2])))


def test_known_films_are_not_recommended_and_the_liked_ones_count():
    train = Ratings(np.array([0, 1]), np.array([0, 1]), np.array([5.0, 5]), np.zeros(2), ("a", "b", "c"))
    test = Ratings(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([2.0, 4, 3]), np.ones(3), train.titles)
    scores = np.array([[9.0, 2, 1], [1, 2, 3]])
    found = recommender.ranking(scores, train, test, k=1)
    assert found["hit"].tolist() == [0]  # user 1 likes nothing later: not counted; user 0 is shown b first
    assert recommender.ranking(scores, train, test)["ndcg"].tolist() == [pytest.approx(1 / np.log2(3))]


def test_low_rank_ratings_are_recovered(split):
    """Near the noise, 0.3, where the global mean has 0.9; and the ranking beats popularity beyond its interval."""
    rows = recommender.compare(*split, **LOW_RANK)
    assert rows["ALS"]["rmse"] < 0.5 < 0.85 < rows["biases"]["rmse"]
    assert rows["ALS"]["ndcg_interval"][0] > rows["popularity"]["ndcg_interval"][1]
    assert "rmse" not in rows["popularity"]


def test_pure_noise_is_not_learnt():
    rng = np.random.default_rng(0)
    r = synthetic_ratings(100, 60, share=0.3, seed=0)
    r = r._replace(stars=rng.normal(3, 1, len(r.stars)))
    train, test = split_by_time(r)
    assert recommender.rmse(recommender.als(train, 100), test) > 0.97 * recommender.rmse(
        recommender.global_mean(train, 100), test
    )


def test_newcomers_are_predicted_better_the_more_they_tell(split):
    curve = recommender.cold_start(*split, newcomers=60, **LOW_RANK)
    assert list(curve) == [0, 1, 2, 5, 10, 20]
    assert curve[20] < 0.6 < 0.85 < curve[0]


def test_same_again(split):
    assert np.array_equal(recommender.als(split[0], 200), recommender.als(split[0], 200))


def test_movielens():
    """On real ratings: the best RMSE does not make the best list; who-watched-what does."""
    try:
        train, test = split_by_time(movie_ratings())
    except MissingData:
        pytest.skip(f"needs {ML_100K.install}")
    rows = recommender.compare(train, test)
    assert rows["ALS"]["rmse"] < rows["biases"]["rmse"] < rows["global mean"]["rmse"]
    assert rows["ALS"]["ndcg"] < rows["popularity"]["ndcg_interval"][0]
    assert rows["implicit ALS"]["ndcg_interval"][0] > rows["popularity"]["ndcg_interval"][1]
