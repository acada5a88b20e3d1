# make run    serve the demonstration on http://127.0.0.1:$(PORT); Ctrl-C stops it
# make test   every test but those marked slow; make test-all runs these too
# make check  format, lint, types, import contracts, tests
# make bench  measure the read path beside its limits (docs/benchmarks.md); BENCH="--quick" for options
# make bench-http  the same over HTTP, with wrk
# Each sets up what it needs: a virtual environment in .venv with the locked requirements.

PORT ?= 8000
export PORT
export UV_SYSTEM_CERTS = 1

bin := .venv/bin
source := catalog gateway loaders persisted_queries plans resolvers schema sync tests

.PHONY: run test test-all check bench bench-http fmt lint lock clean

run: .venv/.run
	@exec $(bin)/larder dev

test: .venv/.dev
	$(bin)/python -m pytest -m "not slow"

test-all: .venv/.dev
	$(bin)/python -m pytest

check: lint test

bench: .venv/.bench
	$(bin)/python -m benchmarks $(BENCH)

bench-http: .venv/.bench
	$(bin)/python -m benchmarks.http $(BENCH)

lint: .venv/.dev
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy $(source)
	$(bin)/lint-imports --no-cache

fmt: .venv/.dev
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

.venv/.run: requirements/run.txt requirements/install.sh pyproject.toml
	@requirements/install.sh run

.venv/.dev: requirements/dev.txt requirements/install.sh pyproject.toml
	@requirements/install.sh dev

.venv/.bench: requirements/bench.txt requirements/install.sh pyproject.toml
	@requirements/install.sh bench

compile := ../.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11
lock: .venv/.dev
	cd requirements && $(compile) uv.in -o uv.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded -o run.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded --extra dev --extra otel --extra sentry -c run.txt -o dev.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded --extra dev --extra otel --extra sentry --extra bench -c dev.txt -o bench.txt

clean:
	for cluster in .larder/postgres .larder-test/*/postgres; do if [ -L "$$cluster" ]; then rm -rf "$$(readlink "$$cluster")"; fi; done
	rm -rf .venv tests/clients/.venv tests/clients/node_modules .larder .larder-test .larder-bench .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
