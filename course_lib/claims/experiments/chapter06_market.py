"""Share prices: a regression on past prices against the last price."""

import numpy as np

from course_lib.claims.evidence import Evidence
from course_lib.topics import forecast


def stocks():
    """Five shares, 2000 to 2013, forecast day by day; and a random walk, where there is nothing to find."""
    rows = forecast.compare(forecast.closing_prices(), window=100)
    worse = [row["excess"] for row in rows.values()]
    walk = forecast.compare({"walk": forecast.random_walk()}, window=100)["walk"]["excess"][0]
    listed = ", ".join(f"{name} {row['excess'][0]:.0f} %" for name, row in rows.items())
    return Evidence(
        f"the regression's error exceeds that of “as yesterday” by {listed}; on a random walk by {walk:.0f} %.",
        said={"prices can be forecast, to a few per cent": max(row["mae_ridge"] for row in rows.values()) < 5},
        gap={"but not better than by yesterday's price": min(low for _, low, _ in worse) > 0},
        right={"just as where there is nothing to find": walk > 0},
        numbers={"excess in %": np.round([e[0] for e in worse], 1), "walk": round(walk, 1)},
    )
