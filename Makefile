# make demo   documents in, cited answers out, on a fresh machine
# make test   the whole check
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin
HOME_OF_DEMO ?= $(VENV)/demo

.PHONY: demo test lint types layers unit format bench clean

demo: $(VENV)/installed
	@rm -rf $(HOME_OF_DEMO)
	$(BIN)/glede add samples --home $(HOME_OF_DEMO)
	$(BIN)/glede ask "$(DEMO_TEXT)" --home $(HOME_OF_DEMO)
	$(BIN)/glede ask "$(DEMO_TABLE)" --home $(HOME_OF_DEMO)

DEMO_TEXT = How many pairs of red kites nest at the observatory?
DEMO_TABLE = Which wind speed was measured at the summit mast?

test: lint types layers unit

lint: $(VENV)/tested
	$(BIN)/ruff format --check src tests bench tools recipes
	$(BIN)/ruff check src tests bench tools recipes

types: $(VENV)/tested
	$(BIN)/mypy

layers: $(VENV)/tested
	$(BIN)/lint-imports

unit: $(VENV)/tested
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

format: $(VENV)/tested
	$(BIN)/ruff check --fix-only src tests bench tools recipes
	$(BIN)/ruff format src tests bench tools recipes

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Glede needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@command -v chromium >/dev/null || { apt-get -qq update && apt-get -qq install -y chromium; } >/dev/null 2>&1 || \
		echo "there is no chromium: the tests of the pages are skipped"
	@touch $@

clean:
	rm -rf $(VENV)
