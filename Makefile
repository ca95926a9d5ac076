# Everything is set up on demand: system packages, .venv, and the native build under build/.
# Stamp files keep the second run of each target quick; `make clean` forgets all of them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
PY := .venv/bin/python
REPO ?= model_repository
FUZZ_RUNS ?= 5000000
PYTEST_ARGS ?=
# The GPU suite: where its bundle is, for which Python it is made (3.12, with headers), with which
# CUDA libraries; and the provider that it measures (cuda, tensorrt; cpu to see that it works).
BUNDLE ?= gpu-bundle
TARGET_PYTHON ?= python3.12
CUDA ?= cudnn
PROVIDER ?= cuda
GPU_ARGS ?=

BUILD := build/release
# The first generated stub stands for all that the build installs into server/.
CORE := server/proto/inference_pb2.py
TOOLS := $(BUILD)/.tests-and-tools
# Folders are listed too: their time changes when a file is added or removed.
CORE_SOURCES := CMakeLists.txt tools/generate_stubs.py $(shell find cmake csrc proto)
NATIVE_FILES = $(shell find csrc benchmarks tests/native -name '*.cc' -o -name '*.h')
HEADERS = $(CURDIR)/$(BUILD)/onnxruntime-headers/usr/include/onnxruntime
# The C++ tests that run models: the library they open and the graphs they load.
GRAPHS := build/graphs
MODEL_TESTS = -DSKEIN_TEST_GRAPHS=$(CURDIR)/$(GRAPHS) -DSKEIN_TEST_ONNXRUNTIME=$(shell ls \
  -d $(CURDIR)/.venv/lib/python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*)
# The folders that have threads, for TSan.
THREADED := telemetry transport runtime scheduling routing engine
REUSED_HEADERS = $(if $(wildcard $(HEADERS)),-DSKEIN_ONNXRUNTIME_INCLUDE=$(HEADERS))

.PHONY: help setup serve test bench lint format asan tsan fuzz wheel container container-gpu gpu-bundle gpu-suite clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

setup: $(TOOLS) ## Install what is missing and build everything, tests included

serve: $(CORE) ## Serve model_repository on 127.0.0.1:8001 (REPO=dir for another)
	@exec $(PY) -m server --repo $(REPO)

test: $(TOOLS) ## Run all tests: C++ units, then pytest (PYTEST_ARGS=... narrows pytest)
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error
	$(PY) -m pytest $(PYTEST_ARGS)

bench: $(TOOLS) ## Print the benchmark table
	$(PY) -m benchmarks

lint: $(CORE) .venv/.installed-dev ## Check style, types and layers
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/clang-format --dry-run -Werror $(NATIVE_FILES)
	$(PY) tools/check_layers.py
	.venv/bin/mypy

format: .venv/.installed-dev ## Rewrite all sources in the project's style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format
	.venv/bin/clang-format -i $(NATIVE_FILES)

asan: $(TOOLS) ## Run unit tests and the native host under Address- and UBSanitizer
	cmake -S . -B build/asan -G Ninja -DSKEIN_SANITIZE=address,undefined -DSKEIN_PYTHON=OFF \
	  -DSKEIN_TESTS=ON -DSKEIN_TOOLS=ON $(MODEL_TESTS) $(REUSED_HEADERS)
	cmake --build build/asan
	TBB_ENABLE_SANITIZERS=1 \
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
	  ctest --test-dir build/asan --output-on-failure --no-tests=error
	$(PY) tests/sanitizer/run.py build/asan

tsan: $(TOOLS) ## Run the native host and unit tests with threads under ThreadSanitizer
	cmake -S . -B build/tsan -G Ninja -DSKEIN_SANITIZE=thread -DSKEIN_PYTHON=OFF \
	  -DSKEIN_TESTS=ON -DSKEIN_TOOLS=ON $(MODEL_TESTS) $(REUSED_HEADERS)
	cmake --build build/tsan --target skein_host $(THREADED:%=%_test)
	TBB_ENABLE_SANITIZERS=1 \
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:ignore_noninstrumented_modules=1 \
	  ctest --test-dir build/tsan --output-on-failure --no-tests=error \
	  -R '^($(shell echo $(THREADED) | tr ' ' '|'))$$'
	$(PY) tests/sanitizer/run.py build/tsan

fuzz: $(CORE) build/.system-fuzz ## Fuzz codec, pictures, rows and texts with FUZZ_RUNS inputs each (5,000,000)
	cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DSKEIN_FUZZ=ON \
	  -DSKEIN_SANITIZE=address,undefined -DSKEIN_PYTHON=OFF $(REUSED_HEADERS)
	cmake --build build/fuzz
	for fuzzer in build/fuzz/csrc/*_fuzz; do \
	  corpus=build/fuzz/corpus/$$(basename $$fuzzer); \
	  mkdir -p $$corpus; \
	  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $$fuzzer -runs=$(FUZZ_RUNS) -print_final_stats=1 -verbosity=0 $$corpus csrc/*/corpus; \
	done

wheel: .venv/.installed-dev ## Build a wheel with nghttp2 inside, under dist/
	rm -rf build/wheelhouse
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir build/wheelhouse .
	PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/auditwheel repair --wheel-dir dist build/wheelhouse/*.whl

container: $(CORE) build/.system-container ## Prove the Dockerfile without a container engine (as root)
	$(PY) -m tools.container Dockerfile

container-gpu: $(CORE) build/.system-container ## The same for Dockerfile.gpu, served on the CPU
	$(PY) -m tools.container Dockerfile.gpu

gpu-bundle: $(CORE) ## Write gpu-bundle/, which a machine without network needs for gpu-suite
	$(PY) -m benchmarks.gpu.bundle --out $(BUNDLE) --python $(TARGET_PYTHON) --headers $(HEADERS) \
	  --cuda $(CUDA)

gpu-suite: ## Build from gpu-bundle/ and measure on this machine's GPU; needs no network
	$(PYTHON) -m benchmarks.gpu.prepare --bundle $(BUNDLE) --provider $(PROVIDER)
	build/gpu/venv/bin/python -m benchmarks.gpu --bundle $(BUNDLE) --provider $(PROVIDER) $(GPU_ARGS)

clean: ## Remove the environment and all build output
	rm -rf .venv build dist server/_core*.so server/proto/*_pb2*

build/.system-%: tools/system_packages.sh
	@mkdir -p build
	@PYTHON=$(PYTHON) tools/system_packages.sh $*
	@touch $@

.venv/.installed-serve: pyproject.toml tools/requirements.py | build/.system-serve
	@$(PYTHON) -c 'import sys; sys.exit("Skein needs Python 3.11 or later; \
	  PYTHON=... names another interpreter" if sys.version_info < (3, 11) else 0)'
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "Installing Python packages into .venv"
	@$(PY) tools/requirements.py build cpu client >.venv/requirements-serve.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check -r .venv/requirements-serve.txt
	@touch $@

.venv/.installed-dev: .venv/.installed-serve | build/.system-test
	@echo "Installing development packages into .venv"
	@$(PY) tools/requirements.py build cpu dev >.venv/requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check -r .venv/requirements-dev.txt
	@touch $@

$(CORE): $(CORE_SOURCES) .venv/.installed-serve
	@echo "Building the native engine"
	@cmake -S . -B $(BUILD) -G Ninja -DPython_EXECUTABLE=$(CURDIR)/$(PY) \
	  -Dpybind11_DIR=$$($(PY) -m pybind11 --cmakedir) >$(BUILD).configure.log \
	  || { cat $(BUILD).configure.log; exit 1; }
	@cmake --build $(BUILD) --target _core python_stubs
	@cmake --install $(BUILD) --prefix . >/dev/null
	@touch $@

$(GRAPHS)/.written: tests/graphs.py .venv/.installed-dev
	$(PY) tests/graphs.py --small $(GRAPHS)
	@touch $@

$(TOOLS): $(CORE) $(GRAPHS)/.written .venv/.installed-dev $(shell find benchmarks -name '*.cc' -o -name '*.h' -o -name CMakeLists.txt)
	cmake -S . -B $(BUILD) -DSKEIN_TESTS=ON -DSKEIN_TOOLS=ON $(MODEL_TESTS)
	cmake --build $(BUILD)
	@touch $@
