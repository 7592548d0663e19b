# The two commands are `make run` and `make test`; the rest serves contributors and operators.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATE ?= var
export STATE

.PHONY: help run test test-long bench eval lint protos lock install install-dev servers load backup restore clean docs theme

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Installing: hashed locks into .venv, again only when a lock changed ---------------------------------------------

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Python 3.11 or newer is needed, and there is no $(PYTHON): install it, or name another with PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, and $(PYTHON) is `$(PYTHON) -V 2>&1`: name another with PYTHON=python3.12."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python's venv module is missing: install it (on Debian: apt-get install python3-venv)."; rm -rf $(VENV); exit 1; }

$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q -j 0 deploy gateway protos services shared
	@$(BIN)/python -c 'import services.search.searching'  # numba keeps what it compiles
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	@echo "Installing the tools of the tests into $(VENV) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/installed ## Install what the platform needs into .venv
install-dev: $(VENV)/installed-dev ## Install what the tests need as well

# --- Using ------------------------------------------------------------------------------------------------------------

LOCAL := $(BIN)/python -m deploy.local $(if $(filter production,$(PROFILE)),--production)

run: $(VENV)/installed ## Install, load the data and start the whole platform (PORT=8080, STATE=var, PROFILE=production)
	@exec $(LOCAL)

servers: $(VENV)/installed-dev ## Start a real Kafka, PostgreSQL and Elasticsearch for development, until Ctrl-C
	@if docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1; \
		then exec docker compose up kafka postgres elasticsearch; \
		else exec $(BIN)/python -m tests.servers start postgres kafka elasticsearch; fi

load: $(VENV)/installed ## Import every recognised file of DATA=folder, whether the platform runs or not (PROFILE=production)
	@test -n "$(DATA)" || { echo "Name the folder: make load DATA=folder"; exit 1; }
	@$(LOCAL) exec catalog sh -c \
		'$(BIN)/python -m services.catalog migrate && $(BIN)/python -m services.catalog load "$$0"' "$(DATA)"

backup: $(VENV)/installed ## Write all state into FILE (default: backup-<time>.tar.gz)
	@$(BIN)/python -m deploy.local backup $(FILE)

restore: $(VENV)/installed ## Make STATE anew from FILE
	@$(BIN)/python -m deploy.local restore $(FILE)

# --- Testing ----------------------------------------------------------------------------------------------------------

lint: $(VENV)/installed-dev ## Style, types, arrows between the rooms, contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Lint, then every test that this machine can run in under 20 minutes
	$(BIN)/pytest -m "not long" -n 3 --dist loadfile

test-long: $(VENV)/installed-dev ## Kills, large differentials and real data (DATA=folder)
	$(BIN)/pytest -m long -n 2 --dist loadfile

bench: $(VENV)/installed-dev ## Print every benchmark's ratio to its baseline
	@for file in tests/bench/bench_*.py; do $(BIN)/python $$file || exit 1; done

eval: $(VENV)/installed-dev ## Print how often coders' words find their codes (DATA=folder)
	@test -n "$(DATA)" || { echo "Name the folder: make eval DATA=folder"; exit 1; }
	@DATA="$(DATA)" $(BIN)/python -m tests.bench.eval_search

# --- Contributing -----------------------------------------------------------------------------------------------------

protos: $(VENV)/installed-dev ## Generate the code of the contracts anew
	$(BIN)/python -m tests.contract.generate protos

docs: $(VENV)/installed-dev ## Write the reference of settings, metrics, topics, RPCs and error reasons anew
	$(BIN)/python -m tests.contract.reference

theme: $(VENV)/installed-dev ## Draw the style sheets of Keycloak's theme anew from the site's
	$(BIN)/python -m tests.contract.theme

lock: ## Lock the requirements anew, with hashes and without registry addresses
	$(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra build -o requirements.lock
	$(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements.lock pyproject.toml --extra build --extra dev -o requirements-dev.lock

clean: ## Remove what was installed (STATE stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
