# Every target sets up what it needs; nothing outside .venv and .build is written.
# Needed on the machine: make and Python 3.11 or newer. Packages come from the index
# that the machine's own pip configuration names, checked against the locked hashes.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
LOCKED := install --require-hashes --no-deps
RESOLVE := --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --quiet --upgrade
COMPILE := --extra sandbox --extra postgres --group build $(RESOLVE)
SOURCES := gatekeeper tests

FIND_PYTHON := for name in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3; do \
    if "$$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
        >/dev/null 2>&1; then echo "$$name"; exit 0; fi; done; exit 1

.PHONY: help setup demo test coverage lint types bench compiled fuzz deployable mutants simulate lock newcomer-safe clean

help:
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile

setup: $(VENV)/.installed ## install what runs, and the gatekeeper command, into .venv

demo: setup ## run the whole job against a sandbox CRM here; CRM=hubspot for the other one
	@$(BIN)/gatekeeper demo --crm $(or $(CRM),salesforce)

# One recipe line per check, cheapest first, so that the first failure stops here.
test: $(VENV)/.developing ## lint, types, import contracts and every test
	@$(MAKE) --no-print-directory lint types
	@$(BIN)/python -m pytest -n 2 --dist worksteal

coverage: $(VENV)/.developing ## which lines the tests run through
	@mkdir -p .build/coverage
	@$(BIN)/python -m pytest -n 2 --dist worksteal --cov

lint: $(VENV)/.developing ## style, layout and import contracts
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/ruff format --quiet --check $(SOURCES)
	@$(BIN)/lint-imports --no-cache >.build/imports.txt || { cat .build/imports.txt; exit 1; }

types: $(VENV)/.developing ## static types
	@$(BIN)/mypy --no-error-summary

bench: $(VENV)/.benching ## memory and speed on large orgs; takes hours, DEALS=10000 less
	@$(BIN)/python -m pytest --timed -m timed
	@$(BIN)/python -m tests.bench $(DEALS)
	@$(MAKE) --no-print-directory compiled DEALS=$(or $(DEALS),100000)

# The wheel lands in .build/compiled; what it holds is tested and measured there.
COMPILED := .build/compiled
compiled: $(VENV)/.benching ## a wheel that evaluates by compiled C; needs a C compiler
	@command -v $(CC) >/dev/null || { echo "make compiled needs a C compiler ($(CC)) and" \
	    "the headers of Python. Debian: apt install gcc python3-dev; macOS:" \
	    "xcode-select --install" >&2; exit 1; }
	@$(BIN)/uv pip install --quiet --python $(VENV) --group compiled
	@rm -rf $(COMPILED)
	@HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 $(PIP) wheel --no-deps --no-build-isolation \
	    --wheel-dir $(COMPILED) .
	@$(PIP) install --no-deps --target $(COMPILED)/tree $(COMPILED)/*.whl
	@cp -R tests pyproject.toml rules $(COMPILED)/tree
	@cd $(COMPILED)/tree && $(CURDIR)/$(BIN)/python -m pytest -n 2 tests/core tests/language
	@cd $(COMPILED)/tree && $(CURDIR)/$(BIN)/python -m tests.bench.evaluation $(or $(DEALS),3000)

deployable: $(VENV)/.deploying ## check image, manifests and units; installs their checkers
	@$(BIN)/python -m pytest tests/deploy -rs

MODULES ?= gatekeeper/core gatekeeper/language
mutants: $(VENV)/.developing ## put small faults into MODULES and see which the tests notice
	@nice $(BIN)/python -m tests.mutation $(MODULES)

SEEDS ?= 2000
STEPS ?= 300
simulate: $(VENV)/.developing ## the promises under random faults; SEEDS=2000, SEED=7, WHOLE=1, NIGHTS=1
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --steps $(STEPS) \
	    $(if $(WHOLE),--whole) $(if $(NIGHTS),--nights) \
	    $(if $(SEED),--seed $(SEED)) $(if $(FIRST),--first $(FIRST)) \
	    $(if $(FAILURES),--failures $(FAILURES))

fuzz: $(VENV)/.developing ## coverage-guided fuzzing of the rule language; MINUTES=30
	@$(BIN)/uv pip install --quiet --python $(VENV) --group fuzz
	@$(BIN)/python -m tests.fuzz --minutes $(or $(MINUTES),30) $(TARGETS)

lock: $(VENV)/.developing ## resolve both lock files afresh from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml $(COMPILE) -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml $(COMPILE) --group dev \
	    --constraints requirements.lock -o requirements-dev.lock
	@$(BIN)/uv pip compile --group pyproject.toml:bench $(RESOLVE) \
	    --constraints requirements-dev.lock -o tests/bench/requirements.lock
	@$(BIN)/uv pip compile --group pyproject.toml:deploy $(RESOLVE) \
	    --constraints requirements-dev.lock -o tests/deploy/requirements.lock

newcomer-safe: ## try demo and test as a stranger would: a fresh clone, an empty home
	@lot=$$(mktemp -d) && trap 'rm -rf "$$lot"' EXIT \
	    && git clone --quiet . "$$lot/clone" && mkdir "$$lot/home" && cd "$$lot/clone" \
	    && for target in demo test; do \
	        env -i HOME="$$lot/home" PATH="$$PATH" LANG=C.UTF-8 TERM=dumb \
	            PIP_CERT="$$PIP_CERT" PIP_CONFIG_FILE="$$PIP_CONFIG_FILE" \
	            PIP_INDEX_URL="$$PIP_INDEX_URL" PIP_FIND_LINKS="$$PIP_FIND_LINKS" \
	            $(MAKE) "$$target" || exit 1; done \
	    && git status --porcelain >"$$lot/left" && cat "$$lot/left" && test ! -s "$$lot/left"

clean: ## remove the environment and everything built
	@rm -rf $(VENV) .build dist
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@python=$$($(FIND_PYTHON)) || { echo "gatekeeper needs Python 3.11 or newer with its" \
	    "venv module, and none was found. Install it (Debian: python3-venv; macOS: brew" \
	    "install python@3.11), or name yours: make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	    echo "Setting up .venv (once, about half a minute) ..." >&2; \
	    "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.lock | $(VENV)/.created
	@$(PIP) $(LOCKED) --requirement requirements.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developing: requirements-dev.lock $(VENV)/.installed
	@echo "Adding the checkers and the test tools ..." >&2
	@$(PIP) $(LOCKED) --requirement requirements-dev.lock
	@mkdir -p .build
	@touch $@

$(VENV)/.deploying: tests/deploy/requirements.lock $(VENV)/.developing
	@$(PIP) $(LOCKED) --requirement tests/deploy/requirements.lock
	@touch $@

$(VENV)/.benching: tests/bench/requirements.lock $(VENV)/.developing
	@$(PIP) $(LOCKED) --requirement tests/bench/requirements.lock
	@touch $@
