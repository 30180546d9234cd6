# Each target is a line that a person could type. PYTHON=… chooses the interpreter (3.11 to 3.13).
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
export PYTHON

.PHONY: help setup setup-test lint types arch test unit bench docs demo fuzz build clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/make \1 \t\2/' | expand -t 20

setup: ## a virtual environment in .venv and what the proxy needs of Debian
	@packaging/setup.sh run

setup-test: ## the same, and the real peers that the tests talk to
	@packaging/setup.sh test

lint: setup ## style and banned calls
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## mypy --strict
	$(BIN)/mypy

arch: setup ## who may import whom
	$(BIN)/lint-imports

test: setup-test lint types arch ## everything: style, types, imports, unit tests, then tests against real peers
	$(BIN)/pytest

unit: setup ## unit tests only
	$(BIN)/pytest -m "not peer"

fuzz: setup ## what is almost right, into everything that reads: FUZZ_SECONDS for each target (60); then property tests at length
	FUZZ_SECONDS=$${FUZZ_SECONDS:-60} $(BIN)/pytest tests/fuzz --timeout=3600
	$(BIN)/pytest -m "not peer" --ignore=tests/fuzz --hypothesis-profile=fuzz --timeout=600

bench: setup ## who is left to be seen in the output, on the sample clips
	$(BIN)/python -m benchmarks.exposure --sets samples --out build/benchmarks

docs: setup ## write the generated parts of docs/ anew
	$(BIN)/python docs/generate.py

demo: setup ## the anonymised picture of a looping sample camera, in a browser
	$(BIN)/veilcast run --source 'file://sample_videos/street.mp4?loop=true&realtime=true' --http 127.0.0.1:8080

build: setup ## wheel and source distribution in dist/
	$(BIN)/python -m build

clean: ## remove what these targets made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
