# `make` alone lists the recipes. Each sets up what it needs: Python 3.11 or newer and make are enough.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# How many tests run at once. Each worker has servers of its own.
JOBS ?= 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## Make .venv with everything that development needs

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.PHONY: migrate
migrate: $(READY) ## Start the embedded PostgreSQL, apply all migrations, print their status
	@$(BIN)/codezest-sql migrate
	@$(BIN)/codezest-sql migrate status

.PHONY: test
test: $(READY) ## Run all tests on every PostgreSQL that this machine has
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: test-fast
test-fast: $(READY) ## Run the tests of the core, in seconds: neither a server nor a process
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -p no:anyio -m "not hypothesis and not growth" tests/unit/core

.PHONY: test-random
test-random: $(READY) ## Run the tests of random input on other input each time, and on more of it
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --hypothesis-profile thorough -m "hypothesis or seeded"

.PHONY: test-container
test-container: $(READY) ## Run the server-backed tests on PostgreSQL in a container
	@$(BIN)/python -m pytest tests/postgres --postgres container

.PHONY: test-kills
test-kills: $(READY) ## Kill deployers, servers and connections at 240 random points (SEED=… repeats a run)
	@$(BIN)/python bench/kills.py --rounds 240 $(if $(SEED),--seed $(SEED))

.PHONY: lint
lint: $(READY) ## Format check, ruff, mypy, pyright, import contracts, our SQL
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	@$(BIN)/lint-imports
	@$(BIN)/codezest-sql lint --strict

.PHONY: format
format: $(READY) ## Format the Python code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --quiet .

.PHONY: check
check: lint ## What CI runs: lint, every rollback file proved, every query checked, generated code fresh, all tests
	@$(BIN)/codezest-sql migrate test
	@$(BIN)/codezest-sql check --offline
	@$(BIN)/codezest-sql check
	@$(BIN)/codezest-sql generate --check
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --slowest-files 10

.PHONY: docs
docs: $(READY) ## Rewrite docs/commands.md, rules.md, services/ and the output of commands in README.md and docs/
	@$(BIN)/python -m codezest_sql.cli.pages.commands > docs/commands.new
	@mv docs/commands.new docs/commands.md
	@$(BIN)/python -m codezest_sql.cli.pages.rules > docs/rules.new
	@mv docs/rules.new docs/rules.md
	@for service in $(notdir $(patsubst %/,%,$(wildcard sql/queries/*/))); do \
		$(BIN)/python -m codezest_sql.cli.pages.services $$service > docs/services/$$service.new || exit 1; \
		mv docs/services/$$service.new docs/services/$$service.md; \
	done
	@UPDATE_DOCS=1 $(BIN)/python -m pytest --quiet tests/postgres/cli/test_docs_examples.py

.PHONY: site
site: ## Build the documentation site into build/site; a broken link or anchor is an error
	@$(PYTHON) -m venv build/site-venv
	@build/site-venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement docs/site/requirements.txt
	@build/site-venv/bin/python -m tools.site_pages build/site-pages
	@build/site-venv/bin/python -m sphinx --fail-on-warning --keep-going --quiet --builder html build/site-pages build/site

.PHONY: bench
bench: $(READY) ## Measure migrations beside yoyo, dbmate and psql, and the server's start; print the tables
	@$(BIN)/python bench/migrate.py
	@$(BIN)/python bench/server.py

.PHONY: bench-runtime
bench-runtime: $(READY) ## Measure rows, calls and bulk writes beside psycopg, asyncpg, SQLAlchemy and SQLModel
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python -m bench.rows
	@$(BIN)/python -m bench.calls
	@$(BIN)/python -m bench.bulk

.PHONY: bench-review
bench-review: $(READY) ## Measure review and lint over 30 migrations beside squawk and sqlfluff
	@$(BIN)/python bench/review.py

.PHONY: bench-check
bench-check: $(READY) ## Measure check over 800 queries and 117 tables beside sqlc compile
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@$(BIN)/python bench/check.py

.PHONY: wheel
wheel: ## Build sdist and wheel into dist/, without the development environment
	@$(PYTHON) -m venv build/venv
	@build/venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt build
	@build/venv/bin/python -m build --quiet

.PHONY: release
release: $(READY) ## Release VERSION=1.2.3 (or major, minor, patch): version, changelog, build, commit and tag
	@$(BIN)/python -m tools.release make '$(VERSION)'

.PHONY: constraints
constraints: $(READY) ## Rewrite constraints.txt from what is installed
	@{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' ; } > constraints.new
	@mv constraints.new constraints.txt

.PHONY: clean
clean: ## Stop the embedded server and remove .venv and caches; keep the database in .codezest
	@test ! -x $(BIN)/codezest-sql || $(BIN)/codezest-sql db stop
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
