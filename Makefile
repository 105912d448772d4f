# Everything there is to do here; CI calls only these targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SOURCES := common inventory policies findings connectorwatch simulator
RUNS := $(VENV)/runs
STAMP := $(VENV)/installed
# One process per core, and each file's tests in one of them, since they share what a module prepares.
WORKERS ?= auto
PARALLEL := -n $(WORKERS) --dist loadfile
# Kinds of tests with a target of their own; pyproject.toml describes them.
SEPARATE := fuzz or growth or azure or runtime or browser or wheel
RUNTIME := .venv-runtime
# Microsoft's Python runtime needs 3.13. A name may be there and not work (pyenv's shims), so each is tried.
PYTHON313 ?= $(shell for p in python3.13 $$HOME/.pyenv/versions/3.13*/bin/python3.13; do \
	"$$p" -c '' 2>/dev/null && echo "$$p" && break; done)

# Without compiled bytecode every test process would compile all modules again: half of the time that `make rule` takes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup node demo test wheel sbom wheel-test unit rule check azure fuzz growth browser test-runtime bench bench-peers format docs pictures lock clean infra snapshots mutants

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without compiling beforehand, since most of what is installed is never imported; Python compiles what it loads.
INSTALL := $(PY) -m pip install --quiet --no-compile --disable-pip-version-check

# Two stamps: what runs, and what builds and tests besides. A stamp is set when its packages are there, so an
# installation that was interrupted is begun again; whoever has the first alone is brought the rest when it is needed.
$(RUNS): requirements.txt requirements-demo.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.x")'
	@test -x $(PY) || echo "making $(VENV) with what runs; the first time takes about half a minute"
	@test -x $(PY) && $(PY) -c '' || $(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) -r requirements.txt -r requirements-demo.txt
	@touch $@

$(STAMP): requirements-dev.txt $(RUNS)
	@test -e $@ || echo "adding what builds and tests to $(VENV); the first time takes about half a minute more"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

# A launcher and no package: the product is run from here, from wherever it is called.
LAUNCHER := $(VENV)/bin/connectorwatch
$(LAUNCHER): | $(RUNS)
	@printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -m connectorwatch "$$@"\n' '$(CURDIR)' '$(abspath $(PY))' >$@
	@chmod +x $@

setup: $(RUNS) $(LAUNCHER) ## Make .venv with what runs in it, and the command connectorwatch

# What the tests need from npm; without node they are left out, loudly, and in CI they fail.
node: ## Install what tests need from npm (storage emulator, axe-core) into node_modules
	@if command -v npm >/dev/null 2>&1; then \
		cmp -s package-lock.json node_modules/.locked || { \
			echo "installing what tests need from npm into node_modules; the first time takes about a minute"; \
			npm ci --ignore-scripts --silent && cp package-lock.json node_modules/.locked; }; \
	else \
		echo "*** Node.js and npm are not here: NOTHING THAT CONCERNS AZURE STORAGE WILL BE TESTED. ***" >&2; \
	fi

# A demo's own scan goes first, since a scan that was made before is not made again; whoever has made more keeps all.
DEMO := out/3f9d0c1e-7a44-4b7e-9c55-0d1c2b3a4e5f
demo: setup ## Scan the bundled tenant through a simulated Graph; report below out/
	@test "$$(ls $(DEMO)/scans 2>/dev/null | wc -l)" -gt 1 || rm -rf $(DEMO)
	@$(PY) -m connectorwatch scan --demo; code=$$?; \
	case $$code in 0|3|4) ;; *) exit $$code;; esac

test: $(STAMP) node ## Run the tests, offline, without those that take seconds each (`make check` runs them, too)
	@echo "running the tests; some minutes on two cores"
	$(PY) -m pytest -q $(PARALLEL) -m "not (slow or $(SEPARATE))"

unit: $(STAMP) ## The cases of rules and of how findings open and resolve: some seconds, no network, no property tests
	$(PY) -m pytest -q -m "not (slow or hypothesis)" tests/policies/test_*.py tests/policies/rules \
		tests/policies/registration tests/findings/state/test_lifecycle*.py

RULE_TESTS := tests/policies/rules tests/policies/test_contract.py tests/policies/test_evidence_words.py \
	tests/policies/test_frameworks.py tests/test_docs.py
rule: $(STAMP) ## After a change to a rule: lint, types, the tests of rules, fresh documents; about half a minute
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -q -n 2 $(RULE_TESTS)

check: $(STAMP) node ## Format, lint (docstrings too), types, coverage and the house rules
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-cache >/dev/null || $(VENV)/bin/lint-imports --no-cache
	CI=1 $(PY) -m pytest -q $(PARALLEL) --cov --cov-report=
	$(PY) -m coverage report --include='common/*,inventory/*,policies/*,findings/*' --fail-under=100

wheel: $(STAMP) ## Build the package into dist/, with the hashes of what it needs
	rm -rf dist
	$(PY) -m hatchling build --target wheel --directory dist
	cp requirements-wheel.txt dist/

SBOM := .venv-sbom
$(SBOM)/installed: tools/requirements-sbom.txt
	test -x $(SBOM)/bin/python || $(PYTHON) -m venv $(SBOM)
	$(SBOM)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-sbom.txt
	@touch $@

# From an environment that holds the package and its locked dependencies, and nothing else.
WHEELED := .venv-wheel
INTO := $(PY) -m pip --python $(WHEELED)/bin/python --disable-pip-version-check install --quiet --no-compile
sbom: wheel $(SBOM)/installed ## The package, and the list of its parts (CycloneDX) beside it in dist/
	$(PYTHON) -m venv --clear --without-pip $(WHEELED)
	$(INTO) --require-hashes --only-binary :all: -r dist/requirements-wheel.txt
	$(INTO) --no-deps --no-index --find-links dist connectorwatch
	$(SBOM)/bin/cyclonedx-py environment --output-reproducible --output-format JSON \
		--output-file dist/connectorwatch.cdx.json $(WHEELED)/bin/python

wheel-test: $(STAMP) ## The package in fresh environments, called from an empty folder: about two minutes
	CI=1 $(PY) -m pytest -q -m wheel tests/wheel

azure: $(STAMP) node ## Scans killed at random moments and storage broken at every request, over Azurite: some minutes
	$(PY) -m pytest -q -m azure tests/azure

fuzz: $(STAMP) ## Answers gone wrong in 20,000 ways: no traceback, no wrong pass, no token elsewhere
	$(PY) -m pytest -q -m fuzz tests/fuzz

growth: $(STAMP) ## Work and memory grow no faster than the tenant, counted
	$(PY) -m pytest -q -m growth tests/growth

test-runtime: $(STAMP) node ## The app in Microsoft's own Python runtime (needs Python 3.13), with Azurite
	@if [ -n "$(PYTHON313)" ] && ! [ $(RUNTIME)/installed -nt tests/runtime/requirements.txt ]; then \
		echo "installing into $(RUNTIME); the first time takes about a minute" && \
		"$(PYTHON313)" -m venv $(RUNTIME) && \
		$(RUNTIME)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/runtime/requirements.txt && \
		touch $(RUNTIME)/installed; \
	fi
	$(PY) -m pytest -q -m runtime tests/runtime

browser: $(STAMP) node ## The report and the cards in chromium: use, looks, accessibility, planted markup (needs chromium and npm)
	$(PY) -m pytest -q -m browser tests/browser

CHECKOV := .venv-checkov
$(CHECKOV)/installed: tools/requirements-checkov.txt
	test -x $(CHECKOV)/bin/python || $(PYTHON) -m venv $(CHECKOV)
	$(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-checkov.txt
	@touch $@

LINT := .venv-lint
$(LINT)/installed: tools/requirements-lint.txt
	test -x $(LINT)/bin/python || $(PYTHON) -m venv $(LINT)
	$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-lint.txt
	@touch $@

# Microsoft's Bicep compiler: as it is told, else from the path. Azure CLI and azd bring it, each in a folder of its own.
BICEP ?= bicep
SHAPES := tests/infra/shapes
PREDICT = $(BICEP) snapshot --tenant-id 00000000-0000-0000-0000-000000000001 \
	--subscription-id 00000000-0000-0000-0000-000000000002 --location westeurope --deployment-name predicted

# checkov would look for newer checks on the internet and offer a cloud account: told not to.
infra: $(STAMP) $(CHECKOV)/installed $(LINT)/installed ## Compile, predict and scan what deploys (needs the Bicep compiler; no Azure)
	@command -v "$(BICEP)" >/dev/null || { \
		echo "*** The Bicep compiler is not here: NOTHING OF infra/ WILL BE COMPILED. ***" >&2; \
		echo "az bicep install puts it into ~/.azure/bin; then: make infra BICEP=~/.azure/bin/bicep" >&2; \
		test -z "$$CI"; }
	BICEP="$(BICEP)" CHECKOV="$(abspath $(CHECKOV))/bin/checkov" $(PY) -m pytest -q -m infra tests/infra
	$(CHECKOV)/bin/checkov --directory examples --directory .github \
		--framework dockerfile github_actions azure_pipelines --compact --quiet --skip-download
	$(LINT)/bin/zizmor --offline --quiet .github/workflows/ci.yml action.yml examples/github-actions/connectorwatch.yml
	$(LINT)/bin/hadolint examples/container/Dockerfile examples/container/release.Dockerfile

MUTANTS := .venv-mutants
$(MUTANTS)/installed: tools/requirements-mutants.txt
	test -x $(MUTANTS)/bin/python || $(PYTHON) -m venv $(MUTANTS)
	$(MUTANTS)/bin/python -m pip install --quiet --disable-pip-version-check -r tools/requirements-mutants.txt
	@touch $@

mutants: $(MUTANTS)/installed ## Change the rules and the lifecycle in many small ways; lists the changes that no test notices
	@rm -rf mutants
	$(MUTANTS)/bin/mutmut run
	$(MUTANTS)/bin/mutmut results
snapshots: $(STAMP) ## Predict anew what infra/ deploys, after a change there (needs the Bicep compiler); read the diff
	for shape in $(SHAPES)/*.bicepparam; do $(PREDICT) --mode overwrite "$$shape" || exit 1; done
	$(MAKE) docs

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

pictures: $(STAMP) ## Take the README's pictures anew (needs chromium); look at them
	$(PY) -m tools.pictures

# Extras are kept: pip, asked for hashes, would otherwise look for another version of a package whose extra is wanted.
# pyproject.toml has the one list of what is needed; a lock names the extras that it covers.
COMPILE = $(PY) -m uv pip compile --upgrade --generate-hashes --no-strip-extras --no-emit-index-url --no-header --quiet
APP := --extra azure --extra otel --extra sdk
UNIVERSAL = $(COMPILE) --universal --python-version 3.11
lock: $(STAMP) ## Pin all dependencies anew with their hashes, valid on Python 3.11 to 3.13
	$(UNIVERSAL) pyproject.toml $(APP) -o requirements.txt
	$(UNIVERSAL) -c requirements.txt pyproject.toml --extra demo -o requirements-demo.txt
	$(UNIVERSAL) -c requirements.txt pyproject.toml --extra azure --extra otel -o requirements-wheel.txt
	$(UNIVERSAL) -c requirements.txt pyproject.toml --all-extras requirements-dev.in -o requirements-dev.txt
	$(UNIVERSAL) tools/requirements-checkov.in -o tools/requirements-checkov.txt
	$(UNIVERSAL) tools/requirements-lint.in -o tools/requirements-lint.txt
	$(UNIVERSAL) tools/requirements-sbom.in -o tools/requirements-sbom.txt
	$(UNIVERSAL) -c requirements-dev.txt pyproject.toml $(APP) tools/requirements-mutants.in -o tools/requirements-mutants.txt
	$(COMPILE) --python-version 3.13 -c requirements.txt pyproject.toml $(APP) tests/runtime/requirements.in \
		-o tests/runtime/requirements.txt

clean: ## Remove what the targets made
	rm -rf $(VENV) $(RUNTIME) $(CHECKOV) $(LINT) $(MUTANTS) $(SBOM) $(WHEELED) mutants node_modules out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
