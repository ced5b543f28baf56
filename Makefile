# Two commands matter: `make up` runs the school, `make test` proves it. PORT=8001 chooses another port.
PORT ?= 8000
BIN := .venv/bin
ONLY ?=

.PHONY: up test lint unit postgres browser bench screens lock clean

up: .venv/run ## set up, seed, serve, start the workers; Ctrl-C stops everything
	@$(BIN)/python manage.py up --port $(PORT)

test: lint unit postgres browser ## everything: lint, contracts, types, tests on both databases, browser tests

lint: .venv/dev ## style, import contracts, types of the rules, migrations
	@sh .ci/lint

unit: .venv/dev ## tests on SQLite
	@sh .ci/twice $(BIN)/pytest -n 2 --dist worksteal --ignore=tests/browser $(ONLY)

postgres: .venv/dev ## the same tests on PostgreSQL, but for those of films alone
	@sh .ci/twice $(BIN)/python -m tests.postgres -n 2 --dist worksteal --ignore=tests/browser -m "not films and not browser" $(ONLY)

browser: .venv/browser ## user stories in a real Chromium against a real server
	@sh .ci/twice $(BIN)/pytest -n 2 --dist loadfile tests/browser $(ONLY)

bench: .venv/dev ## measure beside peers into var/bench/; ONLY=name for one
	@$(BIN)/python -m tests.benchmarks $(ONLY)

screens: .venv/browser ## a picture of every page in every state into var/screens/
	@$(BIN)/python -m tests.screens $(ONLY)

lock: .venv/dev ## resolve pyproject.toml into the lock files (names, versions, hashes)
	@sh .ci/lock

clean: ## forget the environment and everything the school keeps under var/
	@rm -rf .venv var

.venv/run: requirements.lock
	@sh .ci/environment run

.venv/dev: .venv/run requirements-dev.lock
	@sh .ci/environment dev

.venv/browser: .venv/dev
	@sh .ci/environment browser
