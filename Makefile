# Two commands do everything: `make demo` and `make test`. Each installs what it needs first.
# Needs: Python 3.11 or newer, a JDK 21 or newer, Maven.
PYTHON ?= python3
BIN := .venv/bin
STEPS := $(PYTHON) scripts/steps.py
ARGS ?=

# Some machines tell Python to keep no compiled code; every sidecar and command that is started, by a test or in
# the demo, would then compile all that it imports again: three quarters of its start.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test lint format bench bench-model bench-load bench-layout peers proto constraints clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/uv: # an environment of our own, with a fast installer in it
	@$(PYTHON) -c 'import sys; sys.exit(f"Reshelf needs Python 3.11 or newer, this is {sys.version.split()[0]}. Name another: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	@touch $@

.venv/stack: .venv/uv pyproject.toml constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[stack]'
	@touch $@

.venv/dev: .venv/stack
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: .venv/stack ## Make .venv with the command `reshelf` and all that the local stack needs

setup-dev: .venv/dev ## The same, with what the tests and training need

demo: ## Start the real stack, load a shop, search before and after (ARGS=--once stops it again)
	@$(STEPS) demo "Install the command reshelf=$(MAKE) --no-print-directory setup" \
	  "Show a search, before and after=$(BIN)/reshelf demo $(ARGS)"

# Two processes of pytest: the tests that share servers, which are started once, and beside them, and beside
# Maven, all the others. With ARGS it is one, as whoever gives them chooses what runs.
PLUGIN := "Plugin: build and unit tests=$(BIN)/reshelf plugin build --with-tests"
ifeq ($(strip $(ARGS)),)
TESTS := "+ Everything without servers=$(BIN)/python -m pytest -m 'not stack'" $(PLUGIN) \
  "Servers and the whole path=$(BIN)/python -m pytest -m stack"
else
TESTS := $(PLUGIN) "Sidecar and the whole path=$(BIN)/python -m pytest $(ARGS)"
endif

test: ## Install what the tests need and run all of them, Java and Python (RESHELF_LONG=1: longer properties)
	@$(STEPS) test "Install the test environment=$(MAKE) --no-print-directory setup-dev" $(TESTS)

lint: ## Formatting, lint, types, import directions
	@$(STEPS) lint "Install the linters=$(MAKE) --no-print-directory setup-dev" \
	  "Format=$(BIN)/ruff format --check" "Lint=$(BIN)/ruff check" \
	  "Types=$(BIN)/mypy" "Import directions=$(BIN)/lint-imports"

format: setup-dev ## Format the Python code
	$(BIN)/ruff format && $(BIN)/ruff check --fix

bench: ## Measure the path of a search in one interleaved run (ARGS=--help tells the options)
	@$(STEPS) bench "Install the command reshelf=$(MAKE) --no-print-directory setup" \
	  "Measure=$(BIN)/reshelf bench $(ARGS)"

# Peers want other versions of the same libraries than we do: environments of their own.
PEERS := sidecar/benchmark/model
.venv-peers/done: .venv/uv $(PEERS)/peers-requirements.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --requirement $(PEERS)/peers-requirements.txt
	@touch $@

.venv-infinity/done: .venv/uv $(PEERS)/infinity-requirements.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-infinity
	@$(BIN)/uv pip install --quiet --python .venv-infinity/bin/python --requirement $(PEERS)/infinity-requirements.txt \
	  || echo "Infinity cannot be installed here; the report will say so"
	@touch $@

peers: .venv-peers/done .venv-infinity/done

bench-model: ## Measure the model against what a user would pick instead (ARGS=--help tells the options)
	@$(STEPS) bench-model "Install the command reshelf=$(MAKE) --no-print-directory setup" \
	  "Install the peers=$(MAKE) --no-print-directory peers" \
	  "Compare=$(BIN)/reshelf bench-model $(ARGS)"

bench-load: ## Measure searches under load, caches on and off (ARGS=--help tells the options)
	@$(STEPS) bench-load "Install the command reshelf=$(MAKE) --no-print-directory setup" \
	  "Measure=$(BIN)/reshelf bench-load $(ARGS)"

bench-layout: ## Measure what variety costs in relevance, and rules in time (ARGS=--help tells the options)
	@$(STEPS) bench-layout "Install the command reshelf=$(MAKE) --no-print-directory setup" \
	  "Measure=$(BIN)/reshelf bench-layout $(ARGS)"

proto: setup-dev ## Generate sidecar/wire from proto/
	for name in rerank events; do \
	  $(BIN)/python -m grpc_tools.protoc -Isidecar/wire=proto --python_out=. --pyi_out=. --grpc_python_out=. --include_source_info --descriptor_set_out=sidecar/wire/reshelf/v1/$$name.descriptors.binpb proto/reshelf/v1/$$name.proto || exit 1; \
	done

constraints: setup-dev ## Pin the newest versions that fit pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file constraints.txt

clean: ## Stop the stack and remove what was built here (shared caches stay)
	@if [ -x $(BIN)/reshelf ]; then $(BIN)/reshelf stack down || true; fi
	rm -rf .venv .venv-peers .venv-infinity .reshelf build dist *.egg-info opensearch_plugin/target bench-results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
