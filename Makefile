# All tasks of the project; `make help` lists them. Needs only make and Python 3.11+ with venv.
PYTHON  ?= python3
VENV    ?= .venv
# Test processes; `make test` uses two more, because many tests wait for servers, browsers and schedules.
WORKERS ?= 2
# In the order of tests/conftest.py, which begins with the longest groups.
GROUPED  = --dist loadgroup --no-loadscope-reorder
UV      ?= $(shell command -v uv 2>/dev/null)
BIN     := $(VENV)/bin
PIP      = $(BIN)/python -m pip --disable-pip-version-check -qq
AREA    ?= 00
ARGS    ?=
ALONE    = not (build or realdata or flows or browser)
FAST     = $(ALONE) and not slow

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev run report serve test test-fast coverage lint format types audit lock fuzz bench \
  bench-national validate tiles clean clean-all

help: ## daftar perintah / this list
	@printf 'make TARGET     (Python: %s)\n\n' "$(PYTHON)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@printf '\n  make run                          first call: about a minute to install, then the job itself\n'
	@printf '  make report AREA=31 ARGS="--lang en"\n  make test ARGS="-k claims"\n  make run PYTHON=python3.13\n'

run: $(VENV)/.ready ## bangun gudang data dan laporan / build the warehouse and the reports
	@$(BIN)/titikrawan run $(ARGS)

report: $(VENV)/.ready ## laporan satu daerah, AREA=31, atau ARGS=--all / report on one area or all
	@$(BIN)/titikrawan report $(if $(filter --all,$(ARGS)),,$(AREA)) $(ARGS)

serve: $(VENV)/.ready ## jalankan jadwal dan UI Prefect / run the schedules and Prefect's UI
	@$(BIN)/python -m flows.deploy $(ARGS)

# Keep byte-compiled files: without them, most of the start of a test process is compilation.
test test-fast coverage: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.ready-dev ## jalankan semua uji / run all tests
	@$(BIN)/python -m pytest -n $$(($(WORKERS) + 2)) $(GROUPED) $(ARGS)

test-fast: $(VENV)/.ready-dev ## uji cepat, tanpa server, peramban dan gudang data / quick tests: no server, browser or build
	@$(BIN)/python -m pytest -n $(WORKERS) $(GROUPED) tests/unit tests/functional -m "$(FAST)" $(ARGS)

coverage: $(VENV)/.ready-dev ## cakupan uji tanpa server, peramban dan gudang data, per paket / test coverage without server, browser and build, by package
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m coverage run -m pytest -n $(WORKERS) $(GROUPED) tests/unit tests/functional -m "$(ALONE)" $(ARGS)
	@$(BIN)/python -m coverage combine -q
	@$(BIN)/python -m coverage json -q -o - | $(BIN)/python -m tests.support.coverage_by_package

lint: $(VENV)/.ready-dev ## periksa gaya / check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(VENV)/.ready-dev ## rapikan kode / format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(VENV)/.ready-dev ## periksa tipe / check the types
	@$(BIN)/mypy

audit: $(VENV)/.ready-dev ## cari kelemahan pustaka yang diketahui / look for known vulnerabilities of the locked libraries
	@$(BIN)/python -m bench.audit $(ARGS)

bench: $(VENV)/.ready-dev ## ukur kecepatan / measure speed against straightforward implementations
	@$(BIN)/python -m bench.hotspots $(ARGS)
	@$(BIN)/python -m bench.cookbook
	@$(BIN)/python -m bench.one_area

bench-national: $(VENV)/.ready-dev ## ukur hasil TPS senasional / measure speed at national scale (many minutes)
	@$(BIN)/python -m bench.national $(ARGS)

fuzz: $(VENV)/.ready-dev ## masukan yang dirusak, 10.000 per pembaca / 10,000 mutated inputs per reader (about 20 minutes)
	@$(BIN)/python -m tests.support.fuzz $(ARGS)

validate: $(VENV)/.ready-dev ## studi simulasi penuh / the full simulation study (up to 20 minutes)
	@$(BIN)/python -m bench.validate $(ARGS)
	@TITIKRAWAN_LONG=1 $(BIN)/python -m pytest -n $(WORKERS) -m oracle

tiles: $(VENV)/.ready ## hitung ulang peta petak / recompute the tile maps after areas changed
	@$(BIN)/python -m pipelines.jobs.tiles

lock: ## segarkan requirements*.lock / update the pinned versions (needs the network)
	@set -eu; uv="$(UV)"; \
	if [ -z "$$uv" ]; then \
	  [ -x $(VENV)/tools/bin/uv ] || { $(PYTHON) -m venv $(VENV)/tools && $(VENV)/tools/bin/python -m pip install -q uv; }; \
	  uv=$(VENV)/tools/bin/uv; \
	fi; \
	resolve() { echo 'setuptools>=77' | "$$uv" pip compile -q pyproject.toml - --universal --python-version 3.11 \
	  --generate-hashes --no-strip-extras --no-header "$$@"; }; \
	resolve --extra pipeline -o requirements.lock; \
	resolve --extra pipeline --extra dev -c requirements.lock -o requirements-dev.lock; \
	if grep -n '://' requirements.lock requirements-dev.lock; then echo 'make lock: an address got into the lock (above); remove it'; exit 1; fi

setup: $(VENV)/.ready ## hanya pasang / only install what `run` needs
setup-dev: $(VENV)/.ready-dev ## hanya pasang, dengan alat uji / only install, with the test tools

clean: ## hapus hasil dan tembolok / remove results and caches, keep .venv and Prefect's history
	@find data/warehouse reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis .bench build *.egg-info
	@find pipelines flows titikrawan tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

clean-all: clean ## hapus juga .venv dan riwayat Prefect / remove .venv and Prefect's history too
	@rm -rf $(VENV) .prefect

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'make: $(PYTHON) is missing or older than 3.11. Install it (Debian, Ubuntu: apt install python3 python3-venv)'; \
	  echo '      or name another one: make run PYTHON=/path/to/python3.12'; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'make: $(PYTHON) has no venv. Debian, Ubuntu: apt install python3-venv'; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 3; }

# The locks are complete, so pip need not resolve dependencies (--no-deps). pip byte-compiles on one core; running
# compileall on all cores afterwards is faster.
# The order-only prerequisite prevents a newer bin/python from triggering a reinstallation.
define install
	@echo 'Installing $(1) into $(VENV) (once; about a minute, needs the network) ...'
	@$(PIP) install --no-compile --no-deps --require-hashes -r $(1) || { \
	  echo 'make: installing $(1) failed (see above). Is there a network, and does pip reach its package index?'; exit 3; }
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@$(PIP) install --no-deps --no-build-isolation --no-index --config-settings editable_mode=compat -e .
	@echo 'Compiling the scan statistics (once) ...'
	@$(BIN)/python -m pipelines.stats.spatial.warm
	@touch $(2)
endef

$(VENV)/.ready: requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements.lock,$(VENV)/.ready)

$(VENV)/.ready-dev: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/python
	$(call install,requirements-dev.lock,$(VENV)/.ready $(VENV)/.ready-dev)
