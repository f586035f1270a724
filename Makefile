# make run    installs what is missing and starts the app on localhost
# make test   installs what is missing, a Chromium for the browser tests included, and runs every test
# make test-cluster   installs Ray into an environment of its own, which borrows all else, and runs the tests that need it
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
# The app's port; empty: 8501, or the next free one.
PORT ?=
# The workspace of `make run`; empty: this checkout.
WORKSPACE ?=
# Another index for torch's wheels, such as the one of the CPU builds (see README).
TORCH_INDEX ?=

BIN := $(VENV)/bin
CLUSTER := build/cluster-venv
UV := $(shell command -v uv 2>/dev/null)
INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)
CUDA := $(foreach name,cuda-bindings cuda-pathfinder cuda-toolkit triton nvidia-cublas nvidia-cuda-cccl nvidia-cuda-cupti \
	nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver \
	nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx,\
	--no-emit-package $(name))

.PHONY: install install-dev run test soak test-cluster check format bench lock clean

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Specimen needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(if $(UV),$(UV) venv --quiet --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV))

$(VENV)/installed: requirements.lock | $(BIN)/python
	@echo "Installing Specimen into $(VENV); torch is large, so the first time takes some minutes."
	$(if $(TORCH_INDEX),$(INSTALL) torch torchvision --index-url $(TORCH_INDEX))
	$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed | $(BIN)/python
	$(INSTALL) -r requirements-dev.lock
	@touch $@

run: install
	$(if $(WORKSPACE),SPECIMEN_HOME="$(abspath $(WORKSPACE))") $(BIN)/streamlit run Home.py $(if $(PORT),--server.port $(PORT))

test: install-dev
	-$(BIN)/python -m tests.support.chromium
	$(BIN)/python -m pytest -m "not soak"

soak: install-dev
	-$(BIN)/python -m tests.support.chromium
	$(BIN)/python -m pytest -m soak

# Ray stays out of $(VENV), so that `make test` goes on to show that nothing else needs it.
$(CLUSTER)/installed: requirements-cluster.txt $(VENV)/installed-dev
	$(BIN)/python -m venv --clear $(CLUSTER)
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
		"$$($(CLUSTER)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/specimen.pth"
	$(CLUSTER)/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-cluster.txt -c requirements.lock -c requirements-dev.lock
	@touch $@

test-cluster: $(CLUSTER)/installed
	$(CLUSTER)/bin/python -m pytest -m cluster

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Others' libraries take part where they are installed: $(BIN)/python -m bench.hashing --install
bench: install-dev
	@set -e; for name in pages hashing pairs quality_of_duplicates hundred_thousand gallery; do \
		test ! -f bench/$$name.py || { echo "bench.$$name"; $(BIN)/python -m bench.$$name; }; done

# torch's own metadata pins the CUDA packages that its build needs; the CPU build needs none, so the lock leaves them out.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $(CUDA) requirements.txt -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $(CUDA) requirements-dev.txt -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
