# Everything there is to do here; CI calls only these targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SOURCES := inventory policies findings connectorwatch simulator
STAMP := $(VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit check fuzz growth browser bench bench-peers format docs lock clean infra

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV); the first time takes about a minute"
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(STAMP)

setup: $(STAMP) ## Make .venv with everything in it

# The demo tenant's own folder goes first: a scan that was made before is not made again.
demo: $(STAMP) ## Scan the bundled tenant through a simulated Graph; report below out/
	@rm -rf out/3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f
	@$(PY) -m connectorwatch scan --demo; code=$$?; \
	case $$code in 0|3|4) ;; *) exit $$code;; esac

test: $(STAMP) ## Run all tests, offline
	$(PY) -m pytest -q

unit: $(STAMP) ## The tests of rules, findings and command line alone: some seconds, no network
	$(PY) -m pytest -q tests/policies tests/findings tests/connectorwatch

check: $(STAMP) ## Format, lint (docstrings too), types, coverage and the house rules
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m coverage erase
	CI=1 $(PY) -m coverage run -m pytest -q
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report --include='inventory/*,policies/*,findings/*' --fail-under=100

fuzz: $(STAMP) ## Answers gone wrong in 20,000 ways: no traceback, no wrong pass, no token elsewhere
	$(PY) -m pytest -q -m fuzz tests/fuzz

growth: $(STAMP) ## Work and memory grow no faster than the tenant, counted
	$(PY) -m pytest -q -m growth tests/growth

NODE := node_modules/.package-lock.json
$(NODE): package.json package-lock.json
	npm ci --silent
	@touch $(NODE)

browser: $(STAMP) $(NODE) ## The report in chromium: use, looks, accessibility, planted markup (needs chromium and npm)
	$(PY) -m pytest -q -m browser tests/browser

CHECKOV := .venv-checkov
$(CHECKOV)/installed: tools/requirements-checkov.txt
	test -x $(CHECKOV)/bin/python || $(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-checkov.txt
	@touch $@

# It would look for newer checks on the internet and offer a cloud account: told not to.
infra: $(CHECKOV)/installed ## Check and scan infra/ (a hundred packages in a venv of their own; no Azure needed)
	$(CHECKOV)/bin/python tools/check_bicep.py infra tests/infra/mistakes
	$(CHECKOV)/bin/checkov --directory infra --framework bicep --compact --quiet --skip-download

bench: $(STAMP) ## Measure scans, as ratios in one run
	$(PY) -m bench.run

bench-peers: $(STAMP) ## The same beside the SDK's typed models (700 MB of packages, some minutes)
	test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r bench/requirements-peers.txt
	$(PY) -m bench.peers

format: $(STAMP) ## Format, and mend what the linter can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

docs: $(STAMP) ## Write the documents that are made from the code
	$(PY) -m tools.generate_docs

lock: $(STAMP) ## Pin all dependencies anew, valid on Python 3.11 to 3.13
	$(PY) -m uv pip compile --universal --python-version 3.11 --upgrade --no-emit-index-url --no-header --quiet \
		requirements.in -o requirements.txt
	$(PY) -m uv pip compile --universal --python-version 3.11 --upgrade --no-emit-index-url --no-header --quiet \
		-c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(PY) -m uv pip compile --universal --python-version 3.11 --upgrade --no-emit-index-url --no-header --quiet \
		tools/requirements-checkov.in -o tools/requirements-checkov.txt

clean: ## Remove what the targets made
	rm -rf $(VENV) $(CHECKOV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
