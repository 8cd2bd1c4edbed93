# `make help` lists what can be made. Every target sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Tests at once: two a core, for those that start real processes mostly wait.
AT_ONCE ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))
.DEFAULT_GOAL := help

.PHONY: help run install test lint bench schema format lock

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

run: $(VENV)/.installed ## set up, then start web and worker (the sandbox without SMARTLEAD_API_KEY)
	@$(BIN)/flask ledger migrate
	@exec $(BIN)/gunicorn "app:create_app()"

install: $(VENV)/.installed ## set up .venv and nothing else

test: $(VENV)/.installed-dev ## set up, then run every test, several at a time (make test TESTS=tests/test_app.py: some)
	@$(BIN)/pytest -n $(AT_ONCE) --dist worksteal $(TESTS)

lint: $(VENV)/.installed-dev ## ruff, mypy --strict, and the shipped rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/flask rules check

bench: $(VENV)/.installed-dev ## speed and memory, in half an hour (make bench BENCH=--quick: in minutes)
	@$(BIN)/python -m bench.decide $(BENCH)
	@$(BIN)/python -m bench.load $(BENCH)
	@$(BIN)/python -m bench.hostile $(BENCH)
	@$(BIN)/python -m bench.replies $(BENCH)
	@$(BIN)/python -m bench.kinds $(BENCH)
	@$(BIN)/python -m bench.ack $(BENCH)
	@$(BIN)/python -m bench.pace $(BENCH)
	@$(BIN)/python -m bench.idle $(BENCH)
	@$(BIN)/python -m bench.bulk $(BENCH)

schema: $(VENV)/.installed ## write the JSON Schema of the rules anew, out of the language's table
	@$(BIN)/python -c 'import json; from rules.engine.loading.schema import json_schema; print(json.dumps(json_schema(), ensure_ascii=False, indent=1))' > rules/engine/rules.schema.json

format: $(VENV)/.installed-dev ## let ruff lay the code out
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lock: ## pin requirements*.in with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url -o requirements.txt requirements.in
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url -o requirements-dev.txt requirements-dev.in

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Replymark needs Python 3.11 or newer, and $(PYTHON) is older. Name a newer one: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what Replymark runs on …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
