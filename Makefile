# Needs nothing beforehand but Python 3.11 or later (with venv) and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Each worker and process of the tests would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-ci-long test-long test-crash check lint types format lock picture clean help

help:            ## show this help
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | column -t -s '|'

demo: $(STAMPS)/$(if $(filter-out local,$(ROUTE)),pypowerwall,demo) ## watch a simulated day of the real daemon, in about a minute; ROUTE=v1r or fleet on newer firmware
	$(BIN)/pwsched demo $(if $(ROUTE),--route $(ROUTE))

test: $(STAMPS)/dev ## run the test suite
	$(BIN)/python -m pytest

test-ci-long: $(STAMPS)/dev ## of the longer runs those that CI makes after the suite
	$(BIN)/python -m pytest -m "long and not longest"

test-long: $(STAMPS)/dev ## the suite and all longer runs, with more examples
	$(BIN)/python -m pytest -m "long or not long" --hypothesis-profile=long

test-crash: $(STAMPS)/dev ## break the journal in every way we know: kills, power cuts, failing disks
	$(BIN)/python -m pytest -m "long or not long" tests/crash

check: lint types test ## what CI runs: linters, types, tests

lint: $(STAMPS)/dev ## ruff, format check and the systemd unit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMPS)/dev ## mypy --strict
	$(BIN)/mypy

format: $(STAMPS)/dev ## let ruff format and sort
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: $(STAMPS)/dev ## write all locks anew from pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group build --extra pypowerwall $(LOCK_OPTIONS) -o requirements-pypowerwall.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_OPTIONS) -o requirements-dev.txt

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url --no-emit-find-links --upgrade

picture: $(STAMPS)/demo ## draw the README's pictures anew
	$(BIN)/pwsched demo --seconds 10 --picture docs/demo.svg
	$(BIN)/python docs/generate_pictures.py

clean:           ## remove what was made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/demo: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-build-isolation --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/pypowerwall: requirements-pypowerwall.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-pypowerwall.txt
	$(PIP) install --no-build-isolation --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/demo

$(STAMPS)/dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	$(PIP) install --no-build-isolation --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/demo $(STAMPS)/pypowerwall
