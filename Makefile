# The tasks of this repository: the same for people, hooks and CI. `make help` lists them.
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
BIN := $(VENV)/bin
# Where Node is when the system has none (scripts/find-node).
export PATH := $(PATH):$(CURDIR)/.tools/node/bin

.DEFAULT_GOAL := help
.PHONY: help serve assets build validate test tools coverage check format texts screenshots bench soak clean

help: ## List the tasks
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# `ensurepip` is missing on a bare Debian or Ubuntu; scripts/make-venv finds another way.
$(VENV)/.made:
	@sh scripts/make-venv "$(PYTHON)" "$(VENV)"
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.made
	@echo "Installing Metropole into $(VENV)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	@touch $@

$(VENV)/.clients: tests/clients/package.json scripts/install-test-tools scripts/find-node | $(VENV)/.made
	@echo "Installing the programs of others that the tests ask"
	@sh scripts/install-test-tools $(BIN)/python
	@touch $@

assets: $(VENV)/.made ## Build the query editor and the land for maps, when their sources have changed
	@sh scripts/make-assets $(BIN)/python

serve: $(VENV)/.installed assets ## Check and build the site of this repository, then serve it
	@$(BIN)/metropole build
	@exec $(BIN)/metropole serve --host $(HOST) --port $(PORT)

build: $(VENV)/.installed assets ## Check the site of this repository and build its release
	@$(BIN)/metropole build

validate: $(VENV)/.installed ## Tell everything that is wrong with the site of this repository
	@$(BIN)/metropole check

# What comes before the tests keeps one processor busy each: the Python side with its checks, and
# what npm brings. Two at a time, and where make can do that each step tells what it has to say whole.
test: ## Run all checks and tests; this is what CI runs
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) check tools
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

coverage: $(VENV)/.tested tools ## Run all tests with branch coverage, which takes half as long again
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

# One after the other: npm takes no part in checks, and the assets need it too.
tools: $(VENV)/.clients
	@sh scripts/make-assets $(BIN)/python

check: $(VENV)/.tested ## Check style, types and layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.tested ## Bring the code into the common form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

texts: $(VENV)/.installed ## Collect the texts of pages for translators; docs/languages.md
	$(BIN)/python scripts/texts.py

screenshots: $(VENV)/.tested tools ## Take the pictures of docs/screenshots.md anew
	$(BIN)/python scripts/screenshots.py

bench: $(VENV)/.tested $(VENV)/.clients ## Measure against peers; takes some minutes
	$(BIN)/python bench/build_against_oxigraph.py
	$(BIN)/python bench/build_downloads.py
	$(BIN)/python bench/check_against_pyshacl.py
	$(BIN)/python bench/read_tables.py
	$(BIN)/python bench/serve_against_oxigraph.py
	$(BIN)/python bench/documents_against_trifid.py
	@PYTHON=$(PYTHON) sh scripts/install-harvesters
	$(BIN)/python bench/harvest.py
	@sh scripts/install-openrefine
	$(BIN)/python bench/openrefine.py

soak: $(VENV)/.tested ## Kill 100 builds, and attack a server with queries; takes half an hour
	$(BIN)/python bench/kill_builds.py
	$(BIN)/python bench/hostile.py

clean: ## Remove everything that was made
	rm -rf $(VENV) editor/node_modules src/metropole/web/static/editor src/metropole/web/static/land releases current .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
