# Every target sets up what it needs; Python 3.11 or newer and make are enough.

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_VENV := build/docs-venv
DOCS_READY := $(DOCS_VENV)/.ready

DEMO_READY := $(VENV)/.demo-ready

.PHONY: help demo check test live lint docs mutants fuzz kills bench image lock clean
.DEFAULT_GOAL := help

help: ## show these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / && !seen[$$1]++ {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without a terminal, or with ONCE=1: compare what is served with the files, and leave.
demo: $(DEMO_READY) ## deploy the example site to the embedded emulator and serve it until Ctrl-C
	@echo "Deploying examples/site to an emulator on this machine ..." >&2
	@once=--once; if [ -t 0 ] && [ -t 1 ] && [ -z "$(ONCE)" ]; then once=; fi; \
	exec $(BIN)/python -m pages_deploy preview $$once examples/site

# Two workers for each core; tests/conftest.py says why, and which worker gets what.
PYTEST := $(BIN)/python -m pytest -n auto
SLOW := tests/acceptance tests/fuzz

check: lint ## lint, and the fast tests (1 minute): before each commit
	@echo "The fast tests take about a minute on two cores."
	$(PYTEST) -q -m "not slow" $(addprefix --ignore ,$(SLOW)) $(ARGS)

# With COVERAGE=1, as in CI, the tests are measured, in every process that they start, and have to
# reach the floor of pyproject.toml; that takes about twice as long.
test: $(READY) ## every test (5 minutes); ARGS="-k token" goes to pytest
	@echo "All tests take about five minutes on two cores; make check takes about one."
	$(PYTEST) $(if $(COVERAGE),--cov) $(ARGS)

# Try at the real Cloudflare what `make test` tries at the emulator, in a project that is deleted at
# the end: docs/live.md. Needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID, and does nothing
# without them.
ifneq (,$(and $(CLOUDFLARE_API_TOKEN),$(CLOUDFLARE_ACCOUNT_ID)))
live: $(READY) ## try at the real Cloudflare what the tests try at the emulator
	PAGES_DEPLOY_LIVE=1 $(BIN)/python -m pytest -p no:randomly --tb=short $(ARGS) tests/live/contract
else
live: ## try at the real Cloudflare what the tests try at the emulator
	@echo "SKIPPED, nothing was asked: make live needs CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID"
endif

# Name the breaks of changed code that no test notices: what differs from where the branch left BASE,
# or FILES=pages_deploy/text, or FILES=guarded for those in which none may be left. TESTS= adds some.
BASE ?= main
mutants: $(READY) ## name the breaks of changed code that no test notices
	$(BIN)/python scripts/mutants.py $(FILES) --base $(BASE) $(if $(TESTS),--tests $(TESTS))

# Kill a deployment at a hundred moments of its course, and interrupt it at a hundred; `make test`
# does both at about ten.
kills: $(READY) ## kill and interrupt a deployment at a hundred moments each
	PAGES_DEPLOY_KILLS=100 PAGES_DEPLOY_INTERRUPTS=100 $(BIN)/python -m pytest \
		tests/acceptance/test_kills.py tests/acceptance/test_interrupts.py $(ARGS)

lint: $(READY) ## check style, types and the floors of the package
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(DOCS_READY) ## make the documentation's site in build/docs; a dead link is an error
	$(DOCS_VENV)/bin/python scripts/docs_site.py build/docs

# The tests of tests/fuzz with as many times the examples, and others each time; what it finds is
# tried first the next time. For example `make fuzz TIMES=500 ARGS="-k settings"`.
TIMES ?= 50
fuzz: $(READY) ## try fifty times as many made-up examples
	PAGES_DEPLOY_FUZZ=$(TIMES) $(BIN)/python -m pytest $(ARGS) tests/fuzz

# ONLY=cold is one part, RUNS=1 a quick look; a run of all, of five rounds or more, writes the page.
RUNS ?= 5
bench: $(READY) ## measure, as ratios, and write docs/performance.md (8 minutes)
	$(BIN)/python -m bench --runs $(RUNS) $(if $(ONLY),--only $(ONLY))

# Without a Docker engine, on Debian; with one, `docker build .` is enough.
image: ## build the image without a Docker engine
	.ci/image

# Renew the lock files after a change of pyproject.toml; `make lock ARGS=--upgrade` renews all.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
# Only the bar on a terminal needs the first four, and the Action never has one; the last guesses
# encodings, which `cli/start.py` leaves out. Each package less is one that no run waits for.
NEEDLESS := rich markdown-it-py mdurl pygments charset-normalizer
lock: $(READY) ## renew the lock files after a change of pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) $(ARGS) pyproject.toml --output-file requirements.txt
	$(LOCK) $(ARGS) pyproject.toml $(addprefix --no-emit-package ,$(NEEDLESS)) --output-file requirements-action.txt
	$(LOCK) $(ARGS) pyproject.toml --extra emulator --output-file requirements-emulator.txt
	$(LOCK) $(ARGS) pyproject.toml --extra emulator --extra dev --output-file requirements-dev.txt
	$(LOCK) $(ARGS) --group pyproject.toml:ci --output-file requirements-ci.txt
	$(LOCK) $(ARGS) --group pyproject.toml:docs --output-file requirements-docs.txt

# The lock names everything. To resolve it once more would fail as soon as a package that another
# wants with an extra has a newer version: the lock has no line with the extra.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

$(BIN)/python:
	@for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do \
		[ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null && break; python=; \
	done; \
	[ -n "$$python" ] || { echo "Python 3.11 or newer is needed; name one by PYTHON=..." >&2; exit 1; }; \
	echo "Creating a virtual environment in $(VENV) ..." >&2; \
	"$$python" -m venv --without-pip $(VENV)

# The demo does without: installing pip takes as long as all that it needs.
$(BIN)/pip: | $(BIN)/python
	@echo "Installing pip ..." >&2
	@$(BIN)/python -m ensurepip --upgrade --default-pip >/dev/null || { \
		echo "This Python has no pip. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# What the demo needs, which is a tenth of all; the environment of the tests has it too.
$(DEMO_READY): requirements-emulator.txt | $(BIN)/python
	@echo "Installing the packages that the demo needs ..." >&2
	@$(BIN)/python scripts/install_locked.py requirements-emulator.txt
	@touch $@

$(DOCS_READY): requirements-docs.txt $(READY)
	$(BIN)/python -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
		--requirement requirements-docs.txt
	@touch $@

$(READY): requirements-dev.txt | $(BIN)/pip
	@echo "Installing the packages that the tests and checks need; this takes about a minute ..." >&2
	@$(INSTALL) --requirement requirements-dev.txt
	@touch $(DEMO_READY) $@

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DOCS_VENV) build/docs .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* build/mutants build/live-report.jsonl
