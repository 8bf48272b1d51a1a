# `make help` lists the targets. All of them work from a clean clone; they need Python 3.11 or newer and make.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes would each compile every module

.DEFAULT_GOAL := help
.PHONY: help setup demo generate goldens lint format check test test-all bench dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## create .venv with all packages (the other targets run it when needed)
	@$(PYTHON) scripts/setup_environment.py $(VENV)

demo: setup generate ## generate the five clients and call the sandbox with them
	@$(RUN) scripts/demo.py

generate: setup ## write packages/*-client from specs/
	@$(RUN) -m sdkgen generate
	@$(PYTHON) scripts/setup_environment.py $(VENV)

goldens: setup ## rewrite the golden examples of all templates, from the documents in tests/generator/golden
	@$(RUN) tests/generator/goldens.py

lint: setup ## check the specs only
	@$(RUN) -m sdkgen lint

format: setup ## format the hand-written code
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

check: setup ## check formatting, lint, strict types, specs (read twice), drift between specs and packages
	@$(RUN) scripts/check.py

test: setup ## run the tests except the slow ones
	@$(RUN) -m pytest -n 3 --dist loadgroup -m "not slow" --cpu-seconds

test-all: setup check ## run all tests, on every installed Python from 3.11 up
	@$(RUN) scripts/test_all.py

bench: setup ## run the benchmarks, each next to its baseline
	@$(RUN) -m bench

dist: setup ## build wheels and source distributions of every package in dist/, and download what they need
	@$(RUN) scripts/build_distributions.py dist

clean: ## remove everything that was built or installed
	rm -rf $(VENV) .venvs .tools dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
