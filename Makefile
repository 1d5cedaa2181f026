# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

.PHONY: setup setup-dev pages run test nightly chaos hostile check format docs lock bench bench-pages clean

setup: .venv/setup.done pages ## The virtual environment with the `attendance` command

setup-dev: .venv/setup-dev.done pages

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/setup.done: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/setup-dev.done: requirements-dev.lock .venv/setup.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

pages: services/console/static/.done ## The design system's stylesheet; the console has a plain one of its own where there is no Node

services/console/static/.done: package.json
	mkdir -p services/console/static
	if command -v npm >/dev/null; then npm ci --ignore-scripts --omit=peer --silent --no-audit --no-fund && npm run --silent build; \
	else echo "no Node here: the console uses its own plain stylesheet"; fi
	touch $@

run: setup ## Start everything with a small synthetic authority, until Ctrl-C
	$(BIN)/attendance up

# Compiling everything anew in each of some hundred processes takes longer than many tests.
test: export PYTHONDONTWRITEBYTECODE =
test: setup-dev ## All tests; those on a real Kafka too where there are Java and Maven
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --ignore tests/journeys --ignore tests/browser -m "not kafka and not journey" --durations 25
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "journey or kafka or browser" -p no:randomly --durations 25

nightly: setup-dev ## 100,000 random pupils against the brute-force reference of the threshold (about half an hour), and all worlds of the tests
	ATTENDANCE_EXAMPLES=10 $(BIN)/python -m pytest tests/thresholds tests/registers/test_import_damage.py
	$(BIN)/python -m tests.thresholds.nightly --pupils 100000

SEED ?= 1
MINUTES ?= 10

chaos: setup-dev ## Faults of every kind against the real product, which must lose and double nothing: `make chaos SEED=1 MINUTES=10`; ARGS=--planted plants bugs and prints which it catches
	$(BIN)/python -m tests.chaos --seed $(SEED) --minutes $(MINUTES) $(ARGS)

check: setup-dev ## What must hold of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m attendance.documentation --check
	$(BIN)/docker-compose --env-file deploy/example.env config -q

format: setup-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: setup-dev ## Write the generated documents anew
	$(BIN)/python -m attendance.documentation

lock: setup-dev ## Resolve the dependencies anew (hashes, no addresses)
	$(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --quiet --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 -c requirements.lock -o requirements-dev.lock

bench: setup-dev .cache/bench/setup.done ## Measure the hot path against COPY and two peers; writes docs/benchmark.json and .svg
	$(BIN)/python -m tests.benchmarks $(ARGS)

hostile: setup-dev ## Damaged, odd and random requests, hostile files, silent connections, many clients at once; ends with 1 where something fails
	$(BIN)/python -m tests.hostile $(ARGS)

bench-pages: setup-dev ## Measure every page of the console on the demo data; ends with 1 where a 95th percentile is over 100 ms
	$(BIN)/python -m tests.benchmarks.pages $(ARGS)

.cache/bench/setup.done: ## The stream processor that is compared with wants older libraries: an environment of its own
	$(PYTHON) -m venv .cache/bench
	.cache/bench/bin/python -m pip install --quiet --disable-pip-version-check "quixstreams>=3.28,<4" "orjson>=3.13,<4"
	touch $@

clean: ## Forget the virtual environment and the embedded default's data
	rm -rf .venv var services/console/static
