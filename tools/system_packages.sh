#!/usr/bin/env bash
# Installs the Debian packages that a task still lacks; test, fuzz and container include serve.
# Asks for each thing by what it is needed for, not by package name: what is there from elsewhere
# counts. Without root or sudo it prints the one command to run, and stops.
set -euo pipefail
task=${1:?usage: system_packages.sh serve|test|fuzz|container}
python=${PYTHON:-python3}
missing=()

has_command() { command -v "$1" >/dev/null 2>&1; }
has_header() { has_command c++ && c++ -E -x c++ - >/dev/null 2>&1 <<<"#include <$1>"; }
has_python_headers() {
  "$python" -c 'import pathlib, sysconfig
assert (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists()' 2>/dev/null
}
has_fuzzer() {
  has_command clang++ || return 1
  local scratch found=0
  scratch=$(mktemp)
  clang++ -fsanitize=fuzzer,address -x c++ - -o "$scratch" >/dev/null 2>&1 \
    <<<'#include <cstdint>
#include <cstddef>
extern "C" int LLVMFuzzerTestOneInput(const uint8_t*, size_t) { return 0; }' || found=1
  rm -f "$scratch"
  return $found
}
need() {
  local packages=$1
  shift
  "$@" 2>/dev/null || read -ra missing <<<"${missing[*]} $packages"
}

need g++ has_command c++
need cmake has_command cmake
need ninja-build has_command ninja
need libnghttp2-dev has_header nghttp2/nghttp2.h
need libjpeg62-turbo-dev has_header "cstdio>
#include <jpeglib.h"
need libpng-dev has_header png.h
need libwebp-dev has_header webp/decode.h
need libhwy-dev has_header hwy/highway.h
need libsimdjson-dev has_header simdjson.h
need python3-venv "$python" -c 'import ensurepip, venv'
need python3-dev has_python_headers
if [ "$task" = test ]; then
  need libgtest-dev has_header gtest/gtest.h
  need nghttp2-client has_command h2load
  need npm has_command npm
fi
if [ "$task" = fuzz ]; then
  need "clang libclang-rt-dev" has_fuzzer
fi
if [ "$task" = container ]; then
  need debootstrap has_command debootstrap
  need iproute2 has_command ip
  need util-linux has_command nsenter
fi

[ ${#missing[@]} -eq 0 ] && exit 0
install="apt-get install --yes --no-install-recommends ${missing[*]}"
if ! has_command apt-get; then
  echo "This machine has no apt-get. Install by its own means what these Debian packages hold:" >&2
  echo "  ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif has_command sudo; then
  as_root=(sudo)
else
  printf 'System packages are missing. Run this as root, then the same make again:\n  %s\n' \
    "apt-get update && $install" >&2
  exit 1
fi
echo "Installing system packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $install -qq
