# Everything a newcomer types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# No address of a package index is written here or in the lock files: pip's own configuration decides.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help install install-dev try run test check audit image format messages lock release bench bench-titles bench-recommend screenshot clean
.DEFAULT_GOAL := help

help:  ## list what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# $(call step,what is done,command): say what is done, do it, and say how many seconds it took.
step = @printf '%s … ' '$(1)'; start=$$(date +%s); $(2) && printf '%s s\n' $$(($$(date +%s) - start))

$(BIN)/python:
	$(call step,Making the environment $(VENV),$(PYTHON) -m venv $(VENV))

# The environment a user needs: the bot, its try page and both databases' drivers, from locked hashes.
$(VENV)/.installed: requirements/app.lock pyproject.toml | $(BIN)/python
	$(call step,Installing what Marquee needs ($(words $(shell grep -o '^[a-z].*==' $<)) packages),$(PIP) install --require-hashes -r $<)
	$(call step,Installing Marquee,$(PIP) install --no-deps --no-build-isolation --editable .)
	@# As pip does for what it installs: no start compiles the bot anew, whatever may be written later.
	$(call step,Compiling it,$(BIN)/python -m compileall -q bot cogs)
	@touch $@

# What tests and checks need besides.
$(VENV)/.installed-dev: requirements/dev.lock $(VENV)/.installed
	$(call step,Installing what tests and checks need,$(PIP) install --require-hashes -r $<)
	@touch $@

install: $(VENV)/.installed  ## make .venv and install what is locked
install-dev: $(VENV)/.installed-dev  ## the same with what tests and checks need

# What the benchmarks compare Marquee with.
$(VENV)/.installed-bench: requirements/bench.lock $(VENV)/.installed-dev
	$(call step,Installing what benchmarks compare with,$(PIP) install --require-hashes -r $<)
	@touch $@

try: install  ## open the bot in a local web page, no Discord token, no network
	@$(BIN)/marquee try $(ARGS)

run: install  ## run the bot on Discord (DISCORD_TOKEN in .env)
	@$(BIN)/marquee run $(ARGS)

# Two processes more than there are cores: tests wait for the disk, for databases and for a browser, too.
PROCESSES = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 2)")

# Whatever the environment says, what the processes compile is kept: it is half of what collecting the tests takes.
test: install-dev  ## run all tests, on all cores
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal $(ARGS)

check: install-dev  ## format, lint, types, layers, import cycles, licences, messages, the image
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_import_cycles.py
	$(BIN)/python scripts/check_licences.py
	! command -v $(BIN)/hadolint >/dev/null || $(BIN)/hadolint Dockerfile
	$(BIN)/python scripts/messages.py --check

# pip-audit looks every locked version up in a public database, so that this needs the network.
audit: install-dev  ## look the locked versions up in the database of known faults
	$(BIN)/uv tool run pip-audit --strict --require-hashes --disable-pip \
		--requirement requirements/app.lock

# For machines without a container engine.
image: install-dev  ## run the steps of the container's image in a plain folder
	$(BIN)/python scripts/build_like_image.py

format: install-dev  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: install-dev  ## extract, update and compile the message catalogues
	$(BIN)/python scripts/messages.py

COMPILE_GROUP := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --group
COMPILE := $(COMPILE_GROUP) build --extra try --extra postgres --extra cjk --extra sentry

lock: install-dev  ## renew the lock files (versions and hashes only)
	$(COMPILE) --upgrade -o requirements/app.lock pyproject.toml
	$(COMPILE) --group dev --constraint requirements/app.lock -o requirements/dev.lock pyproject.toml
	$(COMPILE_GROUP) bench --upgrade --constraint requirements/dev.lock -o requirements/bench.lock

# Commits and tags; publishing is left to you.
release: install-dev  ## make a release: version, changelog, checks, wheel, tag (VERSION=0.2.0)
	$(BIN)/python scripts/release.py $(or $(VERSION),$(error VERSION= must name the new version, such as 0.2.0))

bench: install-dev  ## print the figures of the README
	$(BIN)/python -m benchmarks

# TITLES=FILE.tsv takes other films, ARGS="--queries FILE.tsv" other queries: docs/search.md.
bench-titles: $(VENV)/.installed-bench  ## measure title look-up beside the libraries one could use instead
	$(BIN)/python -m benchmarks.titles $(if $(TITLES),--titles $(TITLES)) $(ARGS)

bench-recommend: $(VENV)/.installed-bench  ## print recommendation quality on a MovieLens folder (DATA=folder)
	$(BIN)/python -m benchmarks.recommend --data $(or $(DATA),$(error DATA= must name a folder with ratings.csv and movies.csv or films.tsv)) $(ARGS)

screenshot: install-dev  ## make the README's picture of the try page again
	$(BIN)/python scripts/screenshot.py

clean:  ## remove the environment and caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
