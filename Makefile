# Two commands do the work: `make release` and `make test`. `make help` lists the rest.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# What is imported compiles itself; to compile all takes a core a minute.
INSTALL := $(BIN)/pip install --quiet --no-compile --constraint requirements.lock
TARGET ?= demo

# No tool in this project reports home.
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export DBT_PROFILES_DIR := $(CURDIR)
# Where the environment forbids it, each command would compile all that it imports: four seconds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: release test lint lint-types lint-sql dashboard bench lock clean help

release: $(VENV)/run.stamp ## make the environment, build TARGET (demo), say where the release lies
	$(BIN)/dbt build --target $(TARGET)
	$(BIN)/steelyard show --target $(TARGET)

test: $(VENV)/dev.stamp lint ## everything that CI checks
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/dev.stamp ## style, types and structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory --jobs 2 lint-types lint-sql

lint-types: $(VENV)/dev.stamp
	$(BIN)/mypy

# It has a process a core; the types, which have one and take as long, go first.
lint-sql: $(VENV)/dev.stamp
	nice $(BIN)/sqlfluff lint --disable-progress-bar models snapshots tests/data

dashboard: $(VENV)/dashboard.stamp ## open the pages over the latest release
	$(BIN)/streamlit run dashboards/serve.py

bench: $(VENV)/dev.stamp ## measure what the documentation claims
	$(BIN)/python benchmarks/build_stages.py --target $(TARGET)
	$(BIN)/python benchmarks/oasdi.py $(if $(PEER),--peer $(PEER))

lock: ## pin again, from an environment made without the pins
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --editable '.[dashboard,dev]'
	build/lock/bin/pip freeze --exclude-editable | sed 's/+cpu$$//' > requirements.lock
	rm -rf build/lock

clean: ## forget every build (releases and the history of targets stay)
	find build -mindepth 1 -maxdepth 1 -type d -not -name history -exec find {} -mindepth 1 -not -name .gitkeep -not -name 'history.duckdb*' -delete \;
	rm -rf target logs

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/pip.stamp:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	touch $@

$(VENV)/run.stamp: pyproject.toml requirements.lock $(VENV)/pip.stamp
	$(INSTALL) --editable .
	touch $@

$(VENV)/dashboard.stamp: $(VENV)/run.stamp
	$(INSTALL) --editable '.[dashboard]'
	touch $@

# All at once: a second step took 9 of 34 seconds.
$(VENV)/dev.stamp: pyproject.toml requirements.lock $(VENV)/pip.stamp
	$(INSTALL) --editable '.[dashboard,dev]'
	touch $(VENV)/run.stamp $(VENV)/dashboard.stamp $@
