# Two commands do everything on a bare Debian with Python 3.11 and pip: `make up` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: up test check bench docs clean

up: .venv/ready
	$(BIN)/dayclear up

test: .venv/ready
	$(BIN)/dayclear translations compile
	$(BIN)/python -m tests.machine
	$(MAKE) --no-print-directory check
	$(BIN)/python -m tests.run

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy dayclear tests bench conftest.py
	$(BIN)/dayclear translations check

bench: .venv/ready
	$(BIN)/python -m bench

docs: .venv/ready
	$(BIN)/python -m pytest -q tests/test_docs.py

# A change of either file installs anew. Without ensurepip, as Debian ships Python, pip installs from outside.
.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv --without-pip --clear .venv
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/dayclear translations compile
	touch $@

clean:
	rm -rf .venv
