VENV := .venv
BIN := $(VENV)/bin
.PHONY: setup demo test check serve bench

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Luodi needs Python 3.11 or newer")'
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: setup
	$(BIN)/luodi demo

test: setup
	$(BIN)/pytest

check: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

serve: demo
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory var/demo 8000

bench: setup
	$(BIN)/python benchmarks/accuracy.py
	$(BIN)/python benchmarks/ranking.py
	$(BIN)/python benchmarks/learning_curve.py
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/ranks.py
	$(BIN)/python benchmarks/standing.py
	$(BIN)/python benchmarks/arrivals.py
	$(BIN)/python benchmarks/retrain.py
	$(BIN)/python benchmarks/alarm.py
	$(BIN)/python benchmarks/speed.py
