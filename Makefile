# Everything here needs make and Python 3.11 or later, nothing else. `make` alone lists the targets.
# A stamp in .venv says which lock is installed: while it is newer than the lock, set-up costs nothing.

VENV := .venv
PYTHON_IN_VENV := $(VENV)/bin/python
APP := $(VENV)/.installed-app
DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help demo test live-model check format-check lint types imports catalogue bench cold-start screenshots lock format clean
.DELETE_ON_ERROR:

# A checkout that was moved or copied, or whose Python went away, is set up anew.
ifneq ($(shell test -x $(PYTHON_IN_VENV) && cat $(VENV)/.root 2>/dev/null),$(CURDIR))
.PHONY: $(APP) $(DEV)
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

demo: $(APP) ## AgentIQ with an embedded Postgres and pretend marketplaces: no account, key or network
	@$(VENV)/bin/agentiq demo $(ARGS)

test: $(DEV) ## every quick test (ARGS="-k outbox" narrows them)
	@$(PYTHON_IN_VENV) -m pytest -n auto --maxprocesses=8 --dist=worksteal -m "not slow" $(ARGS)

live-model: $(DEV) ## the small language model of tests/ai_live (130 MB); `pytest -m slow` uses it when it is there
	@$(PYTHON_IN_VENV) scripts/live_model.py

check: format-check lint types imports catalogue ## format, lint, types, import contracts, translations

format-check: $(DEV)
	@$(VENV)/bin/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }

lint: $(DEV)
	@$(VENV)/bin/ruff check --quiet .

types: $(DEV)
	@$(VENV)/bin/mypy

imports: $(DEV)
	@$(VENV)/bin/lint-imports --no-cache

catalogue: $(DEV)
	@$(PYTHON_IN_VENV) -m agentiq_tui.locale.update --check

format: $(DEV) ## formats the code in place
	@$(VENV)/bin/ruff format --quiet .
	@$(VENV)/bin/ruff check --quiet --fix .

bench: $(DEV) ## the benchmarks of docs (ARGS=--quick for a short run)
	@$(PYTHON_IN_VENV) -m benchmarks $(ARGS)

cold-start: $(DEV) ## what importing the app costs, package by package
	@$(PYTHON_IN_VENV) scripts/cold_start.py $(ARGS)

screenshots: $(DEV) ## draws the pictures of docs/images anew (ARGS="desk team" for some)
	@$(PYTHON_IN_VENV) scripts/screenshots.py $(ARGS)

lock: $(DEV) ## pins the newest allowed versions anew, with hashes
	@$(PYTHON_IN_VENV) scripts/lock.py

clean: ## removes the virtual environment, caches and build output
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist snapshot_report.html .coverage*
	@find agentiq_core agentiq_tui tests benchmarks scripts -name __pycache__ -type d -prune -exec rm -rf {} +

$(APP): requirements/app.lock pyproject.toml
	@scripts/setup app

$(DEV): requirements/dev.lock requirements/app.lock pyproject.toml
	@scripts/setup dev
