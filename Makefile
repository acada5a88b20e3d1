# make run    serve the demonstration on http://127.0.0.1:$(PORT); Ctrl-C stops it
# make test   every test but those marked slow; make test-all runs these too
# make check  format, lint, types, import contracts, tests
# make graphiql  build what /graphiql serves from web/ again; needs npm
# make docs   the documentation as a site, in $(DOCS)
# make bench  measure the read path beside its limits (docs/benchmarks.md); BENCH="--quick" for options
# make bench-http  the same over HTTP, with wrk
# Each sets up what it needs: a virtual environment in .venv with the locked requirements.

PORT ?= 8000
DOCS ?= build/docs
export PORT
export UV_SYSTEM_CERTS = 1

bin := .venv/bin
source := catalog gateway larder loaders persisted_queries plans resolvers schema sync tests

# The tests run in as many processes as there are processors, four at most, each with servers of its own.
spread := --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: run test test-all check graphiql graphiql-check docs bench bench-http fmt lint lock clean

run: .venv/.run
	@exec $(bin)/larder dev

test: .venv/.dev
	$(bin)/python -m pytest -m "not slow" $(spread)

test-all: .venv/.dev
	$(bin)/python -m pytest

check: lint graphiql-check test

graphiql:
	web/install.sh
	cd web && node build.js

graphiql-check:
	@web/check.sh

docs: .venv/docs/.made
	@NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict --site-dir $(abspath $(DOCS))
	@echo "$(DOCS)/index.html"

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

.venv/bin/uv:
	@requirements/install.sh run

# The site's own environment: nothing of it belongs into the gateway's.
.venv/docs/.made: requirements/docs.txt | .venv/bin/uv
	$(bin)/uv venv --quiet --clear --python .venv/bin/python .venv/docs
	$(bin)/uv pip install --quiet --require-hashes --python .venv/docs/bin/python -r requirements/docs.txt
	@touch $@

.venv/.bench: requirements/bench.txt requirements/install.sh pyproject.toml
	@requirements/install.sh bench

compile := ../.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11
lock: .venv/.dev
	cd requirements && $(compile) uv.in -o uv.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded -o run.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded --extra dev --extra otel --extra sentry -c run.txt -o dev.txt
	cd requirements && $(compile) ../pyproject.toml --extra otel --extra sentry -c dev.txt -o image.txt
	cd requirements && $(compile) ../pyproject.toml build.in --extra embedded --extra dev --extra otel --extra sentry --extra bench -c dev.txt -o bench.txt
	cd requirements && $(compile) docs.in -c dev.txt -o docs.txt

clean:
	for cluster in .larder/postgres .larder-test/*/postgres; do if [ -L "$$cluster" ]; then rm -rf "$$(readlink "$$cluster")"; fi; done
	rm -rf .venv tests/clients/.venv tests/clients/node_modules tests/graphiql/.venv web/node_modules .larder .larder-test .larder-bench .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
