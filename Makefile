# `make demo` and `make test` are all a newcomer needs; `make help` lists the rest.
.DEFAULT_GOAL := help
PY := .venv/bin/python
UV_COMPILE = .venv/bin/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: demo
demo: ## Try Common Ground: database, worker and site with an invented county (PORT=9000, OPTIONS=--fresh)
	@sh tools/environment site
	@.venv/bin/python -m tools.machine demo
	@.venv/bin/python -m commonground.cli demo $(if $(PORT),--port $(PORT)) $(OPTIONS)

.PHONY: test
test: ## Everything that a change must pass: style, types, layers, all tests, a browser included
	@sh tools/test

.PHONY: env
env: ## Make the environment for development and tests
	@sh tools/environment dev

.PHONY: lint
lint: ## Style, types and layers
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

.PHONY: format
format: ## Let ruff arrange the code
	.venv/bin/ruff check --fix-only -q
	.venv/bin/ruff format

.PHONY: lock
lock: ## Lock the dependencies named in pyproject.toml, with hashes
	$(UV_COMPILE) --group pyproject.toml:tools -o requirements/tools.txt
	$(UV_COMPILE) pyproject.toml -o requirements/engines.txt
	$(UV_COMPILE) pyproject.toml --group engine-tests -o requirements/engine-tests.txt
	$(UV_COMPILE) pyproject.toml --extra site -o requirements/site.txt
	$(UV_COMPILE) pyproject.toml --extra site --extra spark --group dev -o requirements/dev.txt

.PHONY: translations
translations: ## Bring the Spanish catalogs up to date with the sources, and compile them (APP=formation: only that feature's)
	$(PY) -m tools.translations update $(APP)
	$(PY) -m tools.translations compile

.PHONY: migrations
migrations: ## Write the migrations that the models ask for
	$(PY) manage.py makemigrations
