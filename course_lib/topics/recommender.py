"""Recommending (推荐): popularity, biases and matrix factorisation, judged on each person's future.

A model here is a matrix of scores (users, items), so that all models are judged by the same few lines. Koren, Bell &
Volinsky, "Matrix factorization techniques for recommender systems", IEEE Computer 42(8), 2009.
"""

import numpy as np

from course_lib.data.ratings import Ratings
from course_lib.metrics import bootstrap_interval, hit_rate, ndcg

STRENGTH = 8.0  # λ of the factorisations


def global_mean(train: Ratings, users: int) -> np.ndarray:
    """μ for everybody and everything: what a model must beat in RMSE."""
    return np.full((users, len(train.titles)), train.stars.mean())


def popularity(train: Ratings, users: int) -> np.ndarray:
    """How many ratings an item has, the same for everybody: what a model must beat in ranking."""
    return np.tile(np.bincount(train.items, minlength=len(train.titles)).astype(float), (users, 1))


def biases(train: Ratings, users: int, strength: float = 5.0) -> np.ndarray:
    """μ + b_u + b_i: some people are generous, some films are good.

    b_i = Σ(r - μ) / (n_i + λ), then b_u = Σ(r - μ - b_i) / (n_u + λ). λ (`strength`) pulls those with few ratings
    towards 0.
    """
    mean = train.stars.mean()
    of_item = _shrunk(train.stars - mean, train.items, len(train.titles), strength)
    of_user = _shrunk(train.stars - mean - of_item[train.items], train.users, users, strength)
    return mean + of_user[:, None] + of_item


def _shrunk(residual, group, size, strength):
    return np.bincount(group, residual, size) / (np.bincount(group, minlength=size) + strength)


def solve_side(target: np.ndarray, weight: np.ndarray, other: np.ndarray, strength: float) -> np.ndarray:
    """One half step of alternating least squares: the best rows of U while V stays as it is.

    u = (Σ_i w_i v_i v_iᵀ + λI)⁻¹ Σ_i w_i y_i v_i, the minimum of Σ_i w_i (y_i - u·v_i)² + λ‖u‖².

    Parameters
    ----------
    target, weight : array, (rows, columns)
        y and w; w = 0 where nothing is known, and y must be a number there too.
    other : array, (columns, rank)
        V.
    strength : float
        λ, above 0, so that a row without any rating gets u = 0.
    """
    if target.shape != weight.shape or target.shape[1:] != other.shape[:1]:
        raise ValueError(f"solve_side: target {target.shape}, weight {weight.shape} and other {other.shape} do not fit")
    if not strength > 0:
        raise ValueError(f"solve_side: strength must be above 0, got {strength}")
    rank = other.shape[1]
    outer = (other[:, :, None] * other[:, None, :]).reshape(len(other), -1)  # (columns, rank²)
    normal = (weight @ outer).reshape(-1, rank, rank) + strength * np.eye(rank)
    return np.linalg.solve(normal, ((weight * target) @ other)[:, :, None])[:, :, 0]


def factorise(target, weight, rank=8, strength=STRENGTH, sweeps=5, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """target ≈ U Vᵀ by alternating least squares: no learning rate, and the loss never grows.

    Returns U (users, rank) and V (items, rank); the other parameters are `solve_side`'s. Hu, Koren & Volinsky, ICDM
    2008, §4.
    """
    V = np.random.default_rng(seed).normal(0, 0.1, (target.shape[1], rank))
    for _ in range(sweeps):
        U = solve_side(target, weight, V, strength)
        V = solve_side(target.T, weight.T, U, strength)
    return U, V


def als(train: Ratings, users: int, **options) -> np.ndarray:
    """Biases plus a factorisation of what they leave over, over the known ratings only: predicts stars."""
    base = biases(train, users)
    U, V = factorise(_left_over(train, base), _known(train, users), **options)
    return base + U @ V.T


def implicit_als(train: Ratings, users: int, confidence: float = 10.0, **options) -> np.ndarray:
    """Who rated what, not how: 1 for a rated film, 0 for all others, a known 1 weighing 1 + `confidence` times as much.

    Predicts what people will watch, not stars. Hu, Koren & Volinsky, ICDM 2008.
    """
    known = _known(train, users)
    U, V = factorise(known, 1 + confidence * known, **options)
    return U @ V.T


def _known(train, users):
    known = np.zeros((users, len(train.titles)))
    known[train.users, train.items] = 1
    return known


def _left_over(ratings, base):
    """Stars minus base where there is a rating, else 0: (users, items)."""
    out = np.zeros(base.shape)
    out[ratings.users, ratings.items] = ratings.stars - base[ratings.users, ratings.items]
    return out


MODELS = {"global mean": global_mean, "popularity": popularity, "biases": biases, "ALS": als,
          "implicit ALS": implicit_als}  # fmt: skip
PREDICT_STARS = ("global mean", "biases", "ALS")


def rmse(scores: np.ndarray, test: Ratings) -> float:
    """√mean (r - r̂)² over the test ratings."""
    return float(np.sqrt(np.mean((scores[test.users, test.items] - test.stars) ** 2)))


def ranking(scores: np.ndarray, train: Ratings, test: Ratings, k: int = 10, liked: float = 4) -> dict[str, np.ndarray]:
    """Rank, for each user, all films not rated before; those given `liked` stars or more later are the right ones.

    Returns
    -------
    dict
        "ndcg" and "hit", one number for each user who has something to find.
    """
    free = scores.astype(float)
    free[train.users, train.items] = -np.inf  # nobody is recommended what they know
    wanted = np.zeros(free.shape)
    good = test.stars >= liked
    wanted[test.users[good], test.items[good]] = 1
    some = np.flatnonzero(wanted.any(1))
    rows = [(free[u : u + 1], wanted[u : u + 1]) for u in some]
    return {"ndcg": np.array([ndcg(*row, k) for row in rows]), "hit": np.array([hit_rate(*row, k) for row in rows])}


def compare(train: Ratings, test: Ratings, **options) -> dict[str, dict]:
    """All `MODELS` on the same split.

    Returns
    -------
    dict of name → dict
        rmse (only of those that predict stars), ndcg, hit, and ndcg_interval: 95 %, bootstrapped over users.
    """
    users = int(max(train.users.max(), test.users.max())) + 1
    rows = {}
    for name, model in MODELS.items():
        scores = model(train, users, **(options if "ALS" in name else {}))
        found = ranking(scores, train, test)
        rows[name] = {"rmse": rmse(scores, test)} if name in PREDICT_STARS else {}
        rows[name] |= {key: float(value.mean()) for key, value in found.items()}
        rows[name]["ndcg_interval"] = bootstrap_interval(np.mean, found["ndcg"])
    return rows


def cold_start(train: Ratings, test: Ratings, given=(0, 1, 2, 5, 10, 20), newcomers: int = 150, **options) -> dict:
    """RMSE for people the model never saw, who have told it 0, 1, 2, … of their earliest ratings.

    Biases and V are learnt from the others; the newcomer's bias and u come from the few ratings (`solve_side`).
    `newcomers` of those with 20 earlier ratings or more are drawn, with seed 0.

    Returns
    -------
    dict of number given → RMSE on the newcomers' test ratings
    """
    users = int(train.users.max()) + 1
    enough = np.flatnonzero(np.bincount(train.users, minlength=users) >= max(given))
    new = np.random.default_rng(0).choice(enough, min(newcomers, len(enough) // 2), replace=False)
    old = train.part(~np.isin(train.users, new))
    later = test.part(np.isin(test.users, new))
    V = factorise(_left_over(old, biases(old, users)), _known(old, users), **options)[1]
    return {n: rmse(_welcome(old, _earliest(train, new, n), users, V, options.get("strength", STRENGTH)), later)
            for n in given}  # fmt: skip


def _welcome(old, few, users, V, strength):
    both = Ratings(*(np.concatenate(pair) for pair in zip(old[:4], few[:4], strict=True)), old.titles)
    base = biases(both, users)
    return base + solve_side(_left_over(few, base), _known(few, users), V, strength) @ V.T


def _earliest(ratings, who, n):
    order = np.lexsort((ratings.times, ratings.users))
    rank = np.arange(len(order)) - np.searchsorted(ratings.users[order], ratings.users[order])
    return ratings.part(order[(rank < n) & np.isin(ratings.users[order], who)])

