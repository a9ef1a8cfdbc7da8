# OpenRTPD: `make run` and `make test` need Python 3.11 or newer, make and a package index; nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AUDIT := $(VENV)/audit
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
READY := $(VENV)/.ready
# Tests mostly wait for servers: three processes keep two cores busy.
JOBS ?= 3
LOAD ?= --users 200 --spawn-rate 20 --run-time 2m
SOURCES := schemas validate ingest store reports exchange web loadtests rtpd tests

# Python keeps what it compiled, whatever an image says: a system is a dozen processes that would compile all of ours.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint types imports browser faults load bench contract fuzz lock audit clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(READY) ## Start everything; the first start loads demo data (DEMO=0 for none)
	@exec $(BIN)/rtpd up

test: lint types imports browser ## Check style, types and import rules, then run all tests (JOBS=3 at once)
	@$(BIN)/pytest -n $(JOBS) --dist worksteal

test-fast: $(READY) ## Run the tests that need no server
	@$(BIN)/pytest tests/schemas tests/validate

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

imports: $(READY)
	@$(BIN)/lint-imports

browser: # Pages are tested in Chromium: without one, and without the means to install it, those tests are skipped
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    echo "installing chromium for the tests of pages"; \
	    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium; } >/dev/null 2>&1; \
	  fi; \
	  command -v chromium >/dev/null || echo "no chromium: the tests of pages will be skipped; install it to run them"; }

faults: $(READY) ## Kill and starve the real processes for some minutes
	@$(BIN)/pytest -m faults

load: $(READY) ## Send locust's users to the started system; LOAD="--shape ramp --users 500" for others
	@$(BIN)/locust --headless --only-summary -f loadtests/locustfile.py --html load.html $(LOAD)

bench: $(READY) ## Measure the pipeline beside its own floor
	@$(BIN)/rtpd bench pipeline

lock: $(READY) ## Pin every dependency anew, with hashes
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --all-extras --generate-hashes --no-header \
	  --no-annotate --output-file requirements.lock pyproject.toml

contract: $(READY) ## Ask every operation of both APIs hundreds of times
	@$(BIN)/pytest -m contract tests/contract

fuzz: $(READY) ## Feed the decoders for a minute with bytes that a fuzzer makes up
	@$(PIP) install --only-binary :all: atheris || echo "no atheris here: hypothesis makes the bytes up"
	@$(BIN)/python -m tests.fuzz.decoders -max_total_time=60 -max_len=4096

audit: $(READY) ## List licences, write the SBOM (build/sbom.cdx.json), look for known holes in what we depend on
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check -qq install pip-audit pip-licenses cyclonedx-bom
	@mkdir -p build
	@$(AUDIT)/bin/pip-licenses --python=$(BIN)/python --from=mixed --order=license --output-file=build/licences.txt
	@$(AUDIT)/bin/cyclonedx-py environment --pyproject pyproject.toml --short-PURLs --output-reproducible \
	  --output-file build/sbom.cdx.json $(BIN)/python
	@echo "each package's licence is in build/licences.txt, the CycloneDX SBOM in build/sbom.cdx.json"
	@$(AUDIT)/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock 2>build/audit.log || { \
	  grep -qE "ConnectionError|SSLError|Timeout|MaxRetryError" build/audit.log || { cat build/audit.log; exit 1; }; \
	  echo "the register of known holes cannot be reached from here (build/audit.log)"; }

clean: ## Remove what was installed and cached; data in .rtpd stay
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "OpenRTPD needs Python 3.11 or newer: make PYTHON=/path/to/python3"; exit 1; }
	@echo "installing into $(VENV): about a minute, at the first start and after a change of dependencies"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "import ingest.upload" # compiles its loops, so that the first start need not
	@touch $(READY)
