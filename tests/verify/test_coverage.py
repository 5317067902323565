"""No public function or class of the core goes unproven."""

import ast
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import numpy as np

import course_lib
from course_lib import metrics, nn
from course_lib.verify import coverage
from course_lib.verify.spec import Without, all_specs

# Who may lack a proof. A name is added here only for a reason that its spec states.
NO_SECOND = {
    "init.calculate_gain", "init.fans", "init.zeros_", "autograd.no_grad", "training.Callback",
    "training.EarlyStopping",
    "training.EachEpoch", "random.manual_seed", "random.generator", "random.get_state", "random.set_state",
    "data.digits",
    "data.Split",
}  # fmt: skip
NO_PARITY = {"data.Split"}


def test_every_public_name_has_a_spec():
    missing = [name for name in coverage.public_names() if name not in all_specs()]
    assert not missing, f"no spec for {', '.join(missing)}; course_lib/verify/__init__.py says how to write one"


def test_every_spec_is_of_a_public_name():
    assert set(all_specs()) <= set(coverage.public_names())


def test_every_module_is_core_or_known_to_be_elsewhere():
    rooms = {info.name for info in pkgutil.iter_modules(course_lib.__path__)}
    assert rooms <= {*coverage.CORE, *coverage.ELSEWHERE}


def test_names_are_found_by_reading_the_source_too():
    """The enumeration by import misses nothing that the text of a module defines."""
    folder, names = Path(course_lib.__file__).parent, set(coverage.public_names())
    for room in (
        "arithmetic",
        "activations",
        "losses",
        "optim",
        "schedules",
        "training",
        "history",
        "random",
    ):
        tree = ast.parse((folder / f"{room}.py").read_text(encoding="utf-8"))
        defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name[0] != "_"}
        assert {f"{room}.{name}" for name in defined} <= names


def test_metrics_exports_every_metric():
    """A package's public functions are those it exports: none may stay in its module."""
    for info in pkgutil.iter_modules(metrics.__path__):
        module = import_module(f"course_lib.metrics.{info.name}")
        own = [n for n, v in vars(module).items() if inspect.isfunction(v) and v.__module__ == module.__name__]
        assert {n for n in own if n[0] != "_"} <= set(metrics.__all__), info.name


def test_nn_exports_every_layer():
    """So that no layer escapes by staying in its module."""
    for info in pkgutil.iter_modules(nn.__path__):
        module = import_module(f"course_lib.nn.{info.name}")
        own = [
            n for n, v in vars(module).items() if inspect.isclass(v) and v.__module__ == module.__name__ and n[0] != "_"
        ]
        assert set(own) <= set(vars(nn)), info.name


def test_every_spec_has_three_proofs():
    for name, spec in all_specs().items():
        generic = spec.twin is not None and any(True for _ in spec.cases(np.random.default_rng(0)))
        assert spec.parity or generic, f"{name} has no parity"
        assert spec.second or generic, f"{name} has no finite differences or second reference"
        assert spec.properties, f"{name} has no property"


def test_only_the_listed_lack_a_proof_and_say_why():
    without = {name: (spec.parity, spec.second) for name, spec in all_specs().items()}
    assert {n for n, (parity, _) in without.items() if isinstance(parity, Without)} == NO_PARITY
    assert {n for n, (_, second) in without.items() if isinstance(second, Without)} == NO_SECOND
    for proof in (p for pair in without.values() for p in pair if isinstance(p, Without)):
        assert len(proof.why) > 15
