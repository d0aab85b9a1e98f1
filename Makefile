# Needs Python 3.11 or later and make, nothing else: everything goes into .venv.

.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
KILLS ?= 200
EDITS ?= 2000
NIGHTS ?= 60
WORKERS ?= 3
IN_PARALLEL := -n $(WORKERS) --dist loadscope --no-loadscope-reorder
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# What is installed, and where this checkout lay then: changed pins or a moved checkout install
# again, a changed pyproject.toml only the project itself.
PINS := $(CURDIR) $(shell cksum < requirements.txt)
PROJECT := $(PINS) $(shell cksum < pyproject.toml)
PINS_STAMP := $(VENV)/.installed-pins
PROJECT_STAMP := $(VENV)/.installed-project

# sqlfluff sees the SQL that dbt makes, and dbt asks a warehouse which files the log has: none.
LINT_WAREHOUSE := dbt_project/target/lint
LIST_NO_FILES := import sys; from pathlib import Path; from takeup.log_listing import list_log_files; \
    list_log_files(Path(sys.argv[1]), None)

# What is compiled is kept, whatever the shell says: each command would compile the project again.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo airflow postgres test slow nights quarter kill mutations mutated-nights browser mf \
    metrics mirror test-mirror test-airflow spark test-spark lint types docs bench sbom \
    clean changed

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

setup: $(PROJECT_STAMP) ## .venv with every pinned requirement, the command takeup, what builds begin with

ifneq ($(shell cat $(PINS_STAMP) 2>/dev/null),$(PINS))
$(PINS_STAMP): changed
endif
ifneq ($(shell cat $(PROJECT_STAMP) 2>/dev/null),$(PROJECT))
$(PROJECT_STAMP): changed
endif

$(PINS_STAMP):
	@rm -f $(PINS_STAMP); \
	for candidate in "$(PYTHON)" python3.11 python3.12 python3.13 python3 python; do \
	    if [ -n "$$candidate" ] && "$$candidate" -c \
	        'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; \
	    then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "setup: no Python 3.11, 3.12 or 3.13 found: install one, or name it: make PYTHON=FILE" >&2; \
	    exit 2; \
	fi; \
	echo "setup: $$("$$python" --version) in $(VENV), $$(grep -c '^[a-z].*==' requirements.txt) pinned packages, a minute or two"; \
	"$$python" -m venv --clear $(VENV) || { \
	    echo "setup: this Python can't make virtual environments (Debian: package python3-venv)" >&2; \
	    exit 2; \
	}; \
	$(PIP) install --no-deps --only-binary :all: --require-hashes -r requirements.txt && \
	printf '%s\n' "$(PINS)" > $(PINS_STAMP)

$(PROJECT_STAMP): $(PINS_STAMP)
	@$(PIP) install --no-deps --no-build-isolation --editable . && \
	$(BIN)/python -m takeup.empty_warehouse && \
	printf '%s\n' "$(PROJECT)" > $(PROJECT_STAMP)

run: setup ## the nightly run through Airflow, on what lies in var/landing, else on the example
	@$(BIN)/python -m takeup.airflow_run

demo: setup ## the same on simulated data of every kind, in var/simulated
	@$(BIN)/python -m takeup.airflow_run demo

airflow: setup ## Airflow's services on 127.0.0.1:8080, until Ctrl-C (docs/airflow.md)
	@exec $(BIN)/python -m takeup.airflow_services

postgres: setup ## the drivers by which Airflow keeps its state in PostgreSQL
	@$(PIP) install --no-deps --only-binary :all: --require-hashes -r requirements-postgres.txt

# A file of tests stays in one process, and files start in their order: the long ones come before
# tests/unit, whose many short ones even out the end.
test: setup ## the tests, in three processes (WORKERS=0: in one)
	$(BIN)/python -m pytest $(IN_PARALLEL)

slow: setup ## the tests that take long, each or with all its cases, and nights on end but the deep ones
	$(BIN)/python -m pytest $(IN_PARALLEL) -m "(slow or nights) and not deep"

nights: setup ## the tests of several nights on end, those of many minutes among them
	$(BIN)/python -m pytest $(IN_PARALLEL) -m nights

# It goes on where it was interrupted. What each night took lies in var/quarter/nights.jsonl.
quarter: setup ## 90 nights in one home, an hour or so, and what the last take (NIGHTS=14: minutes)
	NIGHTS=$(if $(filter file,$(origin NIGHTS)),90,$(NIGHTS)) QUARTER=var/quarter \
	    $(BIN)/python -m pytest -m quarter tests/quarter

kill: setup ## interrupts real runs in every step, by kills and faults, 200 times (KILLS=25: a few minutes)
	KILLS=$(KILLS) $(BIN)/python -m pytest -m kill tests/kill

# What fails says its seed and number, and the command that repeats it alone.
mutations: setup ## random edits of files through ingest and the log's gate, 2,000 of them (EDITS=200)
	MUTATIONS=$(EDITS) MUTATIONS_SEED=$(SEED) MUTATIONS_FIRST=$(FIRST) \
	    $(BIN)/python -m pytest -m "not mutated" tests/mutations/test_mutations.py

mutated-nights: setup ## whole nights with edited files, 60 of them (NIGHTS=10: a few minutes)
	NIGHTS=$(NIGHTS) MUTATIONS_SEED=$(SEED) MUTATIONS_FIRST=$(FIRST) \
	    $(BIN)/python -m pytest -m mutated $(IN_PARALLEL:loadscope=load) tests/mutations

browser: setup ## the pages in a real browser (Debian: package chromium), and what axe-core says
	$(BIN)/python -m pytest -m browser tests/browser

# halo, of which there is no wheel for Python 3, is made by the pinned setuptools: docs/decisions/0020.
mf: setup ## mf, by which metrics of the published file are asked (docs/analysts.md)
	@$(PIP) install --no-deps --only-binary :all: --no-binary halo --no-build-isolation \
	    --require-hashes -r requirements-metrics.txt

mirror: setup ## the client of object stores, by which takeup log mirror copies the log
	@$(PIP) install --no-deps --only-binary :all: --require-hashes -r requirements-mirror.txt

metrics: mf ## what mf answers, held against SQL on the published tables
	$(BIN)/python -m pytest -m metrics tests/metrics

test-mirror: mirror ## the log's mirror on a local S3 server, which it installs
	@$(PIP) install --no-deps --only-binary :all: --require-hashes -r requirements-mirror-tests.txt
	$(BIN)/python -m pytest -m mirror tests/mirror

# pyspark comes as source alone; what makes its wheel is the pinned setuptools.
spark: setup ## Spark, on which TAKEUP_ENGINE=spark runs the models that read the log (docs/spark.md)
	@$(PIP) install --no-deps --only-binary :all: --no-binary pyspark --no-build-isolation \
	    --require-hashes -r requirements-spark.txt

test-spark: spark ## tables made on Spark, held against DuckDB's (DEEP=no: the readers of 20,000 events)
	$(BIN)/python -m pytest -m "spark$(if $(filter no,$(DEEP)), and not deep)" tests/spark

test-airflow: postgres ## Airflow's services on a PostgreSQL (Debian: package postgresql), night to packs
	$(BIN)/python -m pytest -m airflow tests/scheduler

lint: setup ## style of Python and SQL, and that imports go down only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	@echo "$(BIN)/sqlfluff lint dbt_project"
	@rm -rf $(LINT_WAREHOUSE) && mkdir -p $(LINT_WAREHOUSE) && \
	$(BIN)/python -c '$(LIST_NO_FILES)' $(LINT_WAREHOUSE)/takeup.duckdb
	@said=$$(TAKEUP_STAGING_FILE="$(CURDIR)/$(LINT_WAREHOUSE)/takeup.duckdb" \
	    DBT_ENV_CUSTOM_ENV_TAKEUP_LOG="$$($(BIN)/python -m takeup.log_declaration)" \
	    $(BIN)/sqlfluff lint --processes 0 dbt_project 2>&1); code=$$?; \
	printf '%s\n' "$$said" | grep -v 'because it is a macro'; \
	case "$$said" in *"fatal exception"*) echo "lint: sqlfluff skipped a model" >&2; exit 1;; esac; \
	exit $$code

types: setup ## mypy, strict
	$(BIN)/mypy
	$(BIN)/mypy dags

# HOME counts where it is given to make: the shell's own is no home of ours, nor ours that of tools.
docs: setup ## the generated pages of docs/ (HOME=DIR: those from its published file too)
	@env -u HOME $(BIN)/python -m publish.pages $(if $(filter command line,$(origin HOME)),"$(HOME)")

bench: setup ## how fast, on this machine (SCALE=1 is the full size, an hour)
	$(BIN)/python -m bench --scale $(or $(SCALE),0.04)

sbom: setup ## takeup.cdx.json: every pinned package with hashes and licence (CycloneDX)
	@$(BIN)/python -m takeup.sbom > takeup.cdx.json && echo takeup.cdx.json

# var/ is never removed here: it holds the event log, which nothing else can bring back.
clean: ## removes .venv and caches, never data
	rm -rf $(VENV) *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
