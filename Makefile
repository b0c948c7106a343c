# Hourglass: `make` prints the targets.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.lock-installed
# One torch thread a test worker: two workers on two cores, and results that do not depend on the core count.
TEST_ENV := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup train test test-all check bench bench-data bench-sweep zoo lock clean

help:  ## print the targets
	@echo "Hourglass: train, measure and compare autoencoders"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP)  ## make .venv from requirements.lock (again only when the lock changed)

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hourglass needs Python 3.11 or later; set one with: make setup PYTHON=/path/to/python3"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

train: setup  ## train; options in ARGS, e.g. make train ARGS="model=vae data=mnist trainer.max_epochs=5"
	@$(BIN)/python -m src.train $(ARGS)

test: setup  ## run the tests (pairs of options; a few minutes)
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not full" $(ARGS)

test-all: setup  ## run every combination of options too (long)
	$(TEST_ENV) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: setup  ## lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup  ## measure the training loop against a bare PyTorch loop, as ratios
	$(BIN)/python -m benchmarks.training_loop

bench-data: setup  ## measure the data pipeline against a notebook's and a bare loop's, as ratios
	$(BIN)/python -m benchmarks.data_pipeline

bench-sweep: setup  ## measure what a run of a sweep costs beyond its training
	$(BIN)/python -m benchmarks.sweep

zoo: setup  ## train every model for one epoch and print a table (ARGS="data=digits" for another data set)
	@$(TEST_ENV) $(BIN)/python -m benchmarks.zoo $(ARGS)

lock: setup  ## make requirements.lock anew from the ranges in pyproject.toml (needs `uv` on the PATH)
	uv pip compile --universal --python-version 3.11 --extra dev --no-header --no-annotate --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml -o requirements.lock

clean:  ## remove the environment and caches (never outputs/)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
