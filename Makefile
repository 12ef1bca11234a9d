# make demo   set up and start the page on port 7860      make demo ARGS="--engines 1 --port 8000"
# make test   set up, lint, type-check and run every test      make test TESTS="tests/test_tokens.py"
#             those with engines and browsers in one process, the others in a second one; JOBS=0 takes one for all
# make unit   run the tests that need neither engines nor a browser, in two minutes
PY := .venv/bin/python
NODE = $(firstword $(wildcard .venv/lib/python3*/site-packages/playwright/driver/node))
ARGS ?=
TESTS ?= tests
JOBS ?= 2

.PHONY: demo test unit lint setup screenshots clean

demo:
	@./setup.sh
	@$(PY) app.py $(ARGS)

test:
	@./setup.sh --dev
	$(MAKE) lint
	$(PY) -m pytest $(TESTS) -n $(JOBS) $(ARGS)

unit:
	@./setup.sh --dev
	$(PY) -m pytest $(TESTS) -n 2 -m "not engine and not browser and not embedded" $(ARGS)

lint:
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	@test -f node_modules/.stamp || { echo "The linters of the page's scripts are missing: install npm, then run ./setup.sh --dev." >&2; exit 1; }
	$(NODE) node_modules/eslint/bin/eslint.js demos/static
	$(NODE) node_modules/typescript/bin/tsc --project jsconfig.json

setup:
	@./setup.sh

screenshots:
	@./setup.sh --dev
	$(PY) -m tests.browser.take_screenshots

clean:
	rm -rf .venv node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache
