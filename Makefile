# Chartline. `make demo` and `make test` are all a newcomer needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo up test lint soak bench accuracy lock clean

help:
	@echo "make demo   run the whole line over the bundled charts and print what became of them"
	@echo "make up     run the line and keep it running"
	@echo "make test   check everything, with RabbitMQ and PostgreSQL of its own"
	@echo "make soak   nothing lost, nothing twice: kill everything at random, then count"
	@echo "make bench  speed, as ratios in one run"

$(VENV)/.run: deploy/requirements.txt pyproject.toml
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) > /dev/null || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make a virtual environment: install the Debian package python3-venv." >&2; exit 1; }
	@echo "Installing Chartline into $(VENV) (once; about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: deploy/requirements-dev.txt $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/requirements-dev.txt
	@touch $@

demo: $(VENV)/.run
	@$(BIN)/chartline demo

up: $(VENV)/.run
	@$(BIN)/chartline up

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: $(VENV)/.dev
	@$(BIN)/python -m tests.servers install
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m tests.servers run -- $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

soak: $(VENV)/.dev
	@$(BIN)/python -m tests.servers install
	@$(BIN)/python -m tests.chaos.soak $(SOAK_ARGS)

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.servers install
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

# Hash-pinned, without the address of any index.
lock: $(VENV)/.dev
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate pyproject.toml -o deploy/requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --extra dev pyproject.toml -o deploy/requirements-dev.txt

clean:
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
