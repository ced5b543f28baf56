# Two commands matter: `make up` starts the school, `make test` proves it. PORT=8001 chooses another port.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: up test lint bench screens migrations lock messages clean

up: .venv/run ## set up, seed, serve and start the workers; Ctrl-C stops everything
	@$(BIN)/python manage.py up --port $(PORT)

test: .venv/dev ## lint, contracts, types, unit tests on both databases, browser tests
	@$(BIN)/python manage.py proof
