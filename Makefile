# Every target sets up what it needs in .venv by itself. Wanted beforehand: Python 3.11 or later, git and make.
#
#     make test ARGS="-k layers"          pass arguments on
#     make test PYTHON=/path/to/python3   choose the Python that .venv is made with

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := tests/fixtures/demo/Dockerfile

export PYTHON

.PHONY: help demo test check fix docs bench clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z]+: .*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## lint a sample with many problems and predict its layers
	$(BIN)/dlint --fail-on never $(DEMO)
	$(BIN)/dlint layers $(dir $(DEMO))

test: $(READY) ## run the tests
	$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## formatting, lint, types, import contracts, generated files up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/make_tables.py --check
	$(BIN)/python tools/make_rule_docs.py --check
	$(BIN)/python tools/make_schema.py --check
	$(BIN)/python tools/make_comparison.py --check
	$(BIN)/python -m tools.make_hadolint_page --check
	$(BIN)/python -m tools.make_accuracy_page --check

fix: $(READY) ## format, and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write what docs/ holds: pages of rules, schema, comparisons, accuracy
	$(BIN)/python tools/make_rule_docs.py
	$(BIN)/python tools/make_schema.py
	$(BIN)/python tools/make_comparison.py
	$(BIN)/python -m tools.make_hadolint_page
	$(BIN)/python -m tools.make_accuracy_page

bench: $(READY) ## measure against other linters and against ourselves
	$(BIN)/python bench/run.py $(ARGS)

clean: ## remove the environment and what the tools left behind
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(READY): pyproject.toml tools/setup_env
	tools/setup_env $(VENV)
	@touch $@
