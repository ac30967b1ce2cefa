# The two commands of the README are `make demo` and `make test`; every target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo demo-hosted test check bench clean

demo: .venv/base
	@# Exit code 1 says that some rows are out: two of the example are wrong on purpose.
	$(BIN)/reelsheet make examples/spring_tea/spring_tea.xlsx || [ $$? -eq 1 ]

demo-hosted: .venv/full
	$(BIN)/python -m examples.hosted_demo

test: .venv/full
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: .venv/full
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/typos

bench: .venv/full
	$(BIN)/python -m benchmarks.line
	$(BIN)/python -m benchmarks.animatic
	$(BIN)/python -m benchmarks.finishing

clean:
	rm -rf .venv .reelsheet out

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "reelsheet needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/base: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) -e .
	touch $@

.venv/full: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) -e '.[gpu,hosted,fleet,provenance,voices,telemetry,kubernetes,dev]'
	touch $@ .venv/base
