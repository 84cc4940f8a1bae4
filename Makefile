# Everything that a person or CI runs. `make` alone lists it.
# Needs Python 3.11 or newer, and nothing else; the tracker and tests of JavaScript also need node
# and npm.

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
NODE := tests/integration/node
BROWSER := tests/browser/node
CONSOLE := web/console
TRACKER := src/patron/api/static/tracker/patron.js
PAGES := src/patron/api/static/console/index.html
# Journeys through the console that keep a picture of what they see.
PICTURED := customer_whole or event_that_is_sent or launch_of_an_accessory or customers_by_mouse \
	or answered_by_keyboard or another_revoked
DEMO ?= demo
SCALE ?= small
CASES ?= 10000
CLASS ?=
SEED ?= 0
WORKERS ?= 2
SAMPLE ?= 400
PYTEST_ARGS ?=
# Set to a Python of your choice; found otherwise.
PYTHON ?=

.DEFAULT_GOAL := help
.PHONY: help env demo serve tracker console console-types test differential mutation check format \
	docs bench quality lock clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -e 's/:.*## /\t/' | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

env: $(VENV)/dev.stamp ## Make the environment with all that tests and checks need

demo: $(VENV)/run.stamp ## Load a year of real shop data, unify, segment and export it
	$(BIN)/patron demo $(DEMO)

serve: $(VENV)/run.stamp ## Serve the demo's workspace over HTTP
	@test -f $(TRACKER) || echo "Without the tracker /patron.js is missing; make tracker builds it (needs Node.js)."
	@test -f $(PAGES) || echo "Without the console there are no pages; make console builds them (needs Node.js)."
	$(BIN)/patron serve $(DEMO)

tracker: $(TRACKER) ## Build patron.js, which shops put on their pages (needs Node.js)

console: $(PAGES) ## Build the pages of the console, which the server serves (needs Node.js)

console-types: $(VENV)/dev.stamp $(CONSOLE)/node_modules/.package-lock.json ## Write the console's types of the API anew
	@mkdir -p build
	$(BIN)/python -m patron.cli.reference --openapi > build/openapi.json
	cd $(CONSOLE) && npm run --silent types

# Folder by folder: unit comes last, whose files are short, so that no worker is left with a long one.
test: $(VENV)/dev.stamp node ## Run the test suite (PYTEST_ARGS="-k kill --deep" and the like)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

differential: $(VENV)/dev.stamp ## Compare rules with the oracle (CASES=100000 CLASS=live SEED=7)
	PYTHONPATH=tests $(BIN)/python -m differential --cases $(CASES) --seed $(SEED) \
		$(if $(CLASS),--class "$(CLASS)")

mutation: $(VENV)/mutation.stamp ## Change the code of segments here and there; do tests notice (SAMPLE=60)
	$(BIN)/python -m benchmarks.quality.mutation --sample $(SAMPLE) --seed $(SEED)

check: $(VENV)/dev.stamp ## Check format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev.stamp $(PAGES) ## Write docs/reference and docs/pictures anew from the code
	$(BIN)/python -m patron.cli.reference docs/reference
	PYTHONPATH=tests $(BIN)/python -m docs.identity_pictures
	PATRON_PICTURES=docs/pictures $(BIN)/python -m pytest -n 0 tests/browser -k "$(PICTURED)"

bench: $(VENV)/dev.stamp ## Run the benchmarks (SCALE=small|full)
	$(BIN)/python -m benchmarks.speed --scale $(SCALE)

quality: $(VENV)/dev.stamp ## Measure how right linking is, against known truth
	$(BIN)/python -m benchmarks.quality

# The locks name every package with its hash and serve all platforms from Python 3.11 on.
# They are made by uv (pip install uv), which nothing else here needs.
LOCK := uv pip compile pyproject.toml requirements/build.in --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate -qq

lock: ## Renew requirements/*.txt after a change of dependencies (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(LOCK) --extra dev --output-file requirements/dev.txt
	$(LOCK) --extra dev --extra mutation --constraint requirements/dev.txt \
		--output-file requirements/mutation.txt
	$(LOCK) --extra demo --extra frames --extra databases --constraint requirements/dev.txt \
		--output-file requirements/run.txt

clean: ## Remove the environment and all caches; data stays
	rm -rf $(VENV) $(NODE)/node_modules $(BROWSER)/node_modules web/*/node_modules web/*/build \
		src/patron/api/static build dist mutants .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# What the targets above stand on.

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		found=$$python; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
		echo "Making $(VENV) with $$("$$python" --version)."; \
		"$$python" -m venv $(VENV) && exit 0; \
	done; \
	if [ -n "$$found" ]; then \
		echo "$$found cannot make environments: install its venv package (Debian: python3-venv)."; \
	else \
		echo "Patron needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python"; \
	fi; exit 1

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Patron runs on into $(VENV)."
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt requirements/data.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Patron, its tests and its checks run on into $(VENV)."
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --no-deps --require-hashes --requirement requirements/data.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/run.stamp $@

$(VENV)/mutation.stamp: requirements/mutation.txt $(VENV)/dev.stamp
	@echo "Installing what makes mutants."
	@$(PIP) install --require-hashes --requirement requirements/mutation.txt
	@touch $@

.PHONY: node
node:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		$(MAKE) --no-print-directory $(TRACKER) $(PAGES) \
			$(NODE)/node_modules/.package-lock.json $(BROWSER)/node_modules/.package-lock.json; \
	fi

%/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@echo "Installing the Node.js packages of $*."
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(TRACKER): web/tracker/node_modules/.package-lock.json web/tracker/build.mjs \
		$(wildcard web/tracker/src/*.ts)
	@echo "Building the tracker."
	@cd web/tracker && npm run --silent check && npm run --silent build

$(PAGES): $(CONSOLE)/node_modules/.package-lock.json $(CONSOLE)/vite.config.ts \
		$(shell find $(CONSOLE)/src -type f 2>/dev/null)
	@echo "Building the console."
	@cd $(CONSOLE) && npm run --silent build
	@touch $@
