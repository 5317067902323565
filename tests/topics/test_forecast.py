"""Forecasts: the past only, ridge as scikit-learn's, and a test that could have found something."""

import numpy as np
import pytest

from course_lib.data.source import MissingData
from course_lib.data.tables import STOCKS
from course_lib.topics import forecast


def mean_reverting(n=1500, pull=0.3, seed=0):
    """A price that is drawn back to 100: here the past does tell something."""
    rng, logs = np.random.default_rng(seed), [0.0]
    for step in rng.normal(0, 0.02, n - 1):
        logs.append((1 - pull) * logs[-1] + step)
    return 100 * np.exp(logs)


def test_ridge_is_sklearns():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 1, (40, 4)), rng.normal(5, 1, 40)
    theirs = Ridge(alpha=0.7).fit(x, y)
    w, c = forecast.ridge(x, y, 0.7)
    np.testing.assert_allclose(w, theirs.coef_, atol=1e-12)
    assert c == pytest.approx(theirs.intercept_, abs=1e-12)


def test_forecasts_are_those_of_a_plain_loop():
    prices = forecast.random_walk(60)
    found = forecast.walk_forward(prices, lags=3, window=20, refit=4)
    logs = np.log(prices)
    rows = [(logs[t - 3 : t], logs[t]) for t in range(3, 60)]
    for n in range(len(rows) - 20):
        fitted = 20 + n - n % 4  # the latest refit
        x, y = (np.array(part) for part in zip(*rows[fitted - 20 : fitted], strict=True))
        w, c = forecast.ridge(x, y)
        assert found["ridge"][n] == pytest.approx(np.exp(rows[20 + n][0] @ w + c))
        assert found["last"][n] == pytest.approx(prices[3 + 20 + n - 1])
        assert found["truth"][n] == pytest.approx(prices[3 + 20 + n])


def test_the_future_does_not_count():
    prices = forecast.random_walk(600)
    changed = prices.copy()
    changed[400:] *= 3
    a, b = forecast.walk_forward(prices), forecast.walk_forward(changed)
    n = 400 - 256 + 1  # the forecast of day 400 is the last that days 0 to 399 decide
    assert np.array_equal(a["ridge"][:n], b["ridge"][:n])
    assert not np.isclose(a["ridge"][n], b["ridge"][n])


def test_the_currency_does_not_count():
    prices = forecast.random_walk(600)
    a, b = forecast.walk_forward(prices), forecast.walk_forward(7 * prices)
    assert forecast.excess(a)[0] == pytest.approx(forecast.excess(b)[0], abs=1e-6)


def test_what_can_be_forecast_is_forecast():
    """So that losing on shares means something."""
    _, low, high = forecast.excess(forecast.walk_forward(mean_reverting()))
    assert low < high < -3


@pytest.mark.parametrize("seed", range(3))
def test_on_a_random_walk_the_regression_loses(seed):
    assert forecast.excess(forecast.walk_forward(forecast.random_walk(seed=seed)))[1] > 0


def test_excess_by_hand():
    result = {"truth": np.full(40, 11.0), "last": np.full(40, 10.0), "ridge": np.full(40, 12.5)}
    np.testing.assert_allclose(forecast.excess(result), 50)  # errors 1.5 and 1, every day


def test_intervals_cover_what_they_should_on_a_random_walk():
    share, worst = forecast.coverage(forecast.walk_forward(forecast.random_walk(4000)))
    assert share == pytest.approx(0.9, abs=0.015)
    assert 0.75 < worst < 0.9


def test_too_short():
    with pytest.raises(ValueError, match=r"more than lags \+ window = 256 prices, got \(256,\)"):
        forecast.walk_forward(forecast.random_walk(256))


def test_shares():
    """For none of the five does the regression beat yesterday's price; intervals fail when it counts."""
    try:
        prices = forecast.closing_prices()
    except MissingData:
        pytest.skip(f"needs {STOCKS.install}")
    assert {t: len(p) for t, p in prices.items()} == {"AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270}
    rows = forecast.compare(prices, window=100)
    assert all(row["excess"][1] > 0 for row in rows.values())
    assert all(row["mae_ridge"] > row["mae_last"] for row in rows.values())
    assert "coverage" not in rows["FB"]
    for name in ("AAPL", "IBM"):
        share, worst = rows[name]["coverage"]
        assert share == pytest.approx(0.9, abs=0.01)
        assert worst < 0.7

