#!/bin/sh
# Unpacks Debian trixie's libonnxruntime-dev (headers only are used) into the folder $1, with a
# private apt state: the system's sources and package lists stay as they are.
set -eu
target=$1
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$target"
mirror=$(sed -n 's/^URIs: *\(http[^ ]*\/debian\)\/* *$/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\(http[^ ]*\/debian\)\/* .*/\2/p' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1)
if [ -z "$mirror" ]; then
  echo "no Debian mirror in the system's apt sources" >&2
  exit 1
fi
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$state/sources.list"
apt="apt-get -qq -o Dir::Etc::SourceList=$state/sources.list -o Dir::Etc::SourceParts=/dev/null \
  -o Dir::State::Lists=$state/lists -o Dir::Cache=$state/cache -o APT::Sandbox::User=root"
$apt update
(cd "$state" && $apt download libonnxruntime-dev)
dpkg-deb -x "$state"/libonnxruntime-dev_*.deb "$target"
