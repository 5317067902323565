# Two commands matter: `make lab` opens the course, `make test` proves it. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint requirements.lock
PYTEST := $(BIN)/python -m pytest
LAB_ARGS ?=
TORCH_ARGS ?=
JOBS ?= 2
TRITON := triton==3.9.0# PyTorch's builds for the CPU come without; its interpreter runs our kernel in the tests

# One thread per maths library: the same numbers everywhere, and no fight over the cores.
THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMEXPR_NUM_THREADS=1

unexport PYTHONDONTWRITEBYTECODE# where it is set, each process of a test compiles everything again

.DEFAULT_GOAL := help
.PHONY: help lab test lint unit notebooks widgets opened sync check-sync bench verify docs tables lock environment clean

help:  ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "No '$(PYTHON)' found. Install Python 3.11 or newer, or say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version). Say make PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.lab: pyproject.toml requirements.lock tools/files-lab.txt | $(BIN)/python
	@echo "Installing JupyterLab and the course (a minute or two, once)"
	@$(PIP) --editable '.[lab,data,privacy]'
	@$(PIP) --no-deps --requirement tools/files-lab.txt
	@mkdir -p $(VENV)/share/jupyter/lab/settings && cp tools/lab-settings.json $(VENV)/share/jupyter/lab/settings/overrides.json
	@touch $@

$(VENV)/.test: tools/files-test.txt $(VENV)/.lab
	@echo "Installing PyTorch and the test tools (a few minutes, once)"
	@$(PIP) torch $(TORCH_ARGS)
	@$(PIP) --editable '.[dev,bench]'
	@$(PIP) --no-deps --requirement tools/files-test.txt
	@[ "$$(uname -s)" != Linux ] || $(BIN)/python -c 'import triton' 2>/dev/null || $(PIP) $(TRITON)
	@touch $@

lab: $(VENV)/.lab  ## open JupyterLab on the chapters (LAB_ARGS="--no-browser --port 8899" is passed on)
	@cd chapters && exec env $(THREADS) ../$(BIN)/jupyter-lab --notebook-dir . $(LAB_ARGS)

test: lint unit check-sync notebooks widgets opened  ## everything below, in CI too
	@echo "make test: all passed"

lint: $(VENV)/.test  ## ruff, oxlint, and the directions in which rooms may depend on each other
	@$(BIN)/ruff check .
	@$(BIN)/oxlint --quiet course_lib tests/widgets/js
	@out=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$out"; exit 1; }; echo "import-linter: $$(echo "$$out" | tail -n 1)"

unit: $(VENV)/.test  ## unit, property, mutation and project tests
	@$(THREADS) $(PYTEST) tests -m "not browser and not chapters" -n $(JOBS) $(ARGS)

notebooks: $(VENV)/.test  ## run every chapter and compare each output with the stored one
	@$(THREADS) $(PYTEST) -p tests.notebooks.plugin --nbval --nbval-current-env --nbval-cell-timeout 120 \
		--nbval-sanitize-with tests/notebooks/sanitize.cfg -n $(JOBS) --dist loadfile chapters $(ARGS)

widgets: $(VENV)/.test  ## drive the widgets in JupyterLab with headless Chromium
	@$(THREADS) $(PYTEST) tests -m browser -rsR --rerun-show-tracebacks -n $(JOBS) $(ARGS)

opened: $(VENV)/.test  ## open every chapter in JupyterLab, run it, press its widgets
	@$(THREADS) $(PYTEST) tests/widgets -m chapters -rsR --rerun-show-tracebacks -n $(JOBS) $(ARGS)

sync: $(VENV)/.test  ## derive the notebooks from the text, running those whose code changed (NAMES="04", ALL=1)
	@$(THREADS) $(BIN)/python -m tools.sync $(if $(ALL),--all) $(NAMES)

check-sync: $(VENV)/.test  ## text and notebooks say the same, and stored outputs are clean
	@$(BIN)/python -m tools.sync --check

verify: $(VENV)/.test  ## regenerate docs/VERIFICATION.md
	@$(THREADS) $(BIN)/python -m course_lib.verify

docs: $(VENV)/.test  ## regenerate docs/EXERCISES.md, CLAIMS.md, SYSTEMS.md, COURSE.md and DATA.md
	@$(THREADS) $(BIN)/python -m tools.pages

bench: $(VENV)/.test  ## time the course's code beside its peers, write docs/BENCHMARKS.md
	@$(THREADS) $(BIN)/python -m benchmarks

tables: $(VENV)/.test  ## train and ask again for every table of results, say what differs (NAMES="ablation capitals")
	@$(THREADS) $(BIN)/python -m tools.tables $(NAMES)

environment: $(VENV)/.test  ## derive environment.yml from pyproject.toml
	@$(BIN)/python -m tools.environment

lock: $(VENV)/.test  ## rewrite requirements.lock for pyproject.toml (UPGRADE=1 takes newer versions)
	@$(BIN)/python -m tools.lock $(if $(UPGRADE),--upgrade)

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis .import_linter_cache
