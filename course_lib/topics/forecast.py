"""Forecasting (预测) share prices, walking forward: does a regression on past prices beat "as yesterday"?

A measurement of forecasts, on prices of 2000 to 2013. No investment advice (不构成投资建议): not for these shares, not
for others, not in either direction.
"""

import numpy as np

from course_lib.data.tables import stock_prices


def closing_prices() -> dict[str, np.ndarray]:
    """Adjusted closing prices of `stock_prices` by ticker, oldest first."""
    table = stock_prices()
    tickers, prices = table["Ticker"], table["Adj Close"]
    return {t: prices[tickers == t] for t in sorted(set(tickers))}


def random_walk(n=2000, daily=0.02, seed=0) -> np.ndarray:
    """Prices without anything to find: the logarithm takes independent normal steps."""
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, daily, n)))


def ridge(x, y, strength=1e-3) -> tuple[np.ndarray, float]:
    """Weights and intercept that minimise ‖y - Xw - c‖² + λ‖w‖²; the intercept goes free."""
    mx, my = x.mean(0), y.mean()
    a = x - mx
    w = np.linalg.solve(a.T @ a + strength * np.eye(x.shape[1]), a.T @ (y - my))
    return w, float(my - mx @ w)


def walk_forward(prices, lags=6, window=250, refit=5, strength=1e-3) -> dict[str, np.ndarray]:
    """Forecast each price from those before it, and nothing else.

    Every `refit` steps a `ridge` of the log price on its `lags` predecessors is fitted to the latest `window` of them.

    Returns
    -------
    dict of arrays (n,)
        truth; last, the price before; ridge, the regression's forecast.
    """
    logs = np.log(np.asarray(prices, float))
    if logs.ndim != 1 or len(logs) <= lags + window:
        raise ValueError(f"walk_forward: needs more than lags + window = {lags + window} prices, got {logs.shape}")
    past = np.lib.stride_tricks.sliding_window_view(logs, lags)[:-1]  # (n - lags, lags): row t precedes target t
    target = logs[lags:]
    forecast = np.empty(len(target) - window)
    for start in range(window, len(target), refit):
        w, c = ridge(past[start - window : start], target[start - window : start], strength)
        forecast[start - window :][:refit] = past[start : start + refit] @ w + c
    return {"truth": np.exp(target[window:]), "last": np.exp(past[window:, -1]), "ridge": np.exp(forecast)}


def relative_errors(result) -> dict[str, np.ndarray]:
    """|forecast - truth| / last price for both: comparable over years in which the price grew tenfold."""
    return {k: np.abs(result[k] - result["truth"]) / result["last"] for k in ("last", "ridge")}


def excess(result, block=20, draws=1000, seed=0) -> tuple[float, float, float]:
    """How much larger the regression's mean error is than that of the last price, in per cent, with a 95 % interval.

    Bootstrap of the pairs in blocks of `block` days, since calm and wild days come in runs. Künsch, Annals of
    Statistics 17, 1989.
    """
    errors = relative_errors(result)
    both = np.stack([errors["ridge"], errors["last"]])  # (2, n)
    n, rng = both.shape[1], np.random.default_rng(seed)
    starts = rng.integers(0, n - block + 1, (draws, -(-n // block)))
    sums = np.concatenate([np.zeros((2, 1)), both.cumsum(1)], 1)
    drawn = (sums[:, starts + block] - sums[:, starts]).sum(2)  # (2, draws)
    ratio = lambda pair: 100 * (pair[0] / pair[1] - 1)  # noqa: E731
    return (float(ratio(both.sum(1))), *np.quantile(ratio(drawn), (0.025, 0.975)).tolist())


def coverage(result, level=0.9, history=250) -> tuple[float, float]:
    """Intervals around the last price: its `level` quantile of the latest `history` relative errors, both ways.

    Returns
    -------
    share, worst
        Of the truths inside, over all days; and in the worst stretch of 60 days in a row.
    """
    errors = relative_errors(result)["last"]
    before = np.lib.stride_tricks.sliding_window_view(errors, history)[:-1]  # those before each day from `history` on
    inside = errors[history:] <= np.quantile(before, level, axis=1)
    run = np.convolve(inside, np.ones(60) / 60, "valid")
    return float(inside.mean()), float(run.min())


def compare(series, **options) -> dict[str, dict]:
    """Walk forward through each series.

    Returns
    -------
    dict of name → dict
        days; mae_last and mae_ridge, mean relative errors in per cent; excess, `excess`; coverage, `coverage`.
    """
    rows = {}
    for name, prices in series.items():
        result = walk_forward(prices, **options)
        errors = relative_errors(result)
        rows[name] = {"days": len(result["truth"]), "mae_last": 100 * float(errors["last"].mean()),
                      "mae_ridge": 100 * float(errors["ridge"].mean()), "excess": excess(result)}  # fmt: skip
        if len(result["truth"]) > 400:
            rows[name]["coverage"] = coverage(result)
    return rows
