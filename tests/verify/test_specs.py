"""Every spec's proofs, one test each: run one with ``-k "parity and softmax"``. The errors must be those published."""

import numpy as np
import pytest

from course_lib.verify import proofs, table
from course_lib.verify.spec import all_specs

SPECS = [pytest.param(spec, id=name) for name, spec in all_specs().items()]
DTYPES = [pytest.param(np.float64, id="float64"), pytest.param(np.float32, id="float32")]
WITH_EDGES = [p for p in SPECS if list(p.values[0].edges(np.random.default_rng(0)))]
PROPERTIES = [
    pytest.param(check, id=f"{name}-{check.__name__}")
    for name, spec in all_specs().items()
    for check in spec.properties
]


@pytest.fixture(scope="module")
def page():
    return table.read(table.PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", SPECS)
def test_parity(spec, dtype, page):
    """Values and gradients are PyTorch's, and no further off than docs/VERIFICATION.md says."""
    error = proofs.parity(spec, dtype)
    assert not table.exceeds(page, spec.name, dtype.__name__, error)


@pytest.mark.parametrize("spec", SPECS)
def test_differences(spec, page):
    """Gradients are what finite differences say, or the second reference agrees."""
    error = proofs.differences(spec)
    assert not table.exceeds(page, spec.name, "second", error)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spec", WITH_EDGES)
def test_edges(spec, dtype):
    """Kinks, extremes, empty arrays, nan and infinities have the stated answer."""
    proofs.edges(spec, dtype)


@pytest.mark.parametrize("check", PROPERTIES)
def test_property(check):
    """A mathematical law holds."""
    check()


def test_page_is_up_to_date(page):
    """Rows, references, properties and sources on the page are those of the specs: else run ``make verify``."""
    assert table.text_problems(page) == []
