# make demo   a virtual environment, the tool in it, and a comparison on a sample file
# make test   the same with the development extras: format, lint, types, layers, all tests
# make bench  measure the quick benchmarks (10 minutes) and write docs/benchmarks.md;
#             make bench-all measures everything. The data sets are those of FORECAST_SHARED_DATA
# make torture  try to break the tool, count what held, and write docs/reliability.md (an hour)
# Needs nothing but make and a Python of at least 3.11 with pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet

# Benchmarks that measure less with --quick, those that are quick as they are, and the rest.
LONG := ett m4_hourly m3_monthly peers
SHORT := nn5 epf vic_elec short_series step gpu false_wins
REST := speed opponents coverage events ablations

.PHONY: demo test lint types layers unit docs bench bench-all torture clean

demo: $(VENV)/installed
	$(BIN)/forecast compare-baselines sample_data/household_energy_simulated.csv --target consumption --future temperature --horizon 24

test: lint types layers unit

lint: $(VENV)/developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/developed
	$(BIN)/mypy

layers: $(VENV)/developed
	$(BIN)/lint-imports

unit: $(VENV)/developed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal -q

docs: $(VENV)/developed
	$(BIN)/python scripts/make_cli_reference.py

bench: $(VENV)/installed
	set -e; for name in $(LONG); do $(BIN)/python benchmarks/$$name.py --quick; done
	set -e; for name in $(SHORT); do $(BIN)/python benchmarks/$$name.py; done
	$(BIN)/python benchmarks/render.py

bench-all: $(VENV)/installed
	set -e; for name in $(LONG) $(SHORT) $(REST); do $(BIN)/python benchmarks/$$name.py; done
	$(BIN)/python benchmarks/render.py

torture: $(VENV)/developed
	$(BIN)/python -m tests.torture

clean:
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache

# torch first and by its version alone, so that whatever build pip is set up to prefer (a
# CPU-only one, say) is kept when the rest is installed. A stamp says that a step is done.
$(VENV)/torch: constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is older than 3.11"; \
	  echo "fix: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) "$(TORCH)"
	@touch $@

$(VENV)/installed: $(VENV)/torch pyproject.toml constraints.txt
	$(PIP) -c constraints.txt -e .
	@touch $@

$(VENV)/developed: $(VENV)/installed
	$(PIP) -c constraints.txt -e ".[dev]"
	@touch $@
