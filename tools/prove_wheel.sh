#!/usr/bin/env bash
# Proves that the repaired wheel needs no library of this machine: imports its extension in a
# minimal Debian root that has only python3 (bookworm for a CPython 3.11 wheel, trixie for 3.13).
# usage: tools/prove_wheel.sh dist/skein_server-*.whl    (as root; needs debootstrap)
set -euo pipefail
wheel=${1:?usage: prove_wheel.sh WHEEL}
case $wheel in
  *-cp311-*) suite=bookworm ;;
  *-cp313-*) suite=trixie ;;
  *) echo "$wheel: no Debian release ships its Python; build it with 3.11 or 3.13" >&2; exit 1 ;;
esac
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
  echo "Run as root, with debootstrap installed (apt-get install debootstrap)." >&2
  exit 1
fi
mirror=$(apt-cache policy | sed -n 's/^ *[0-9]* \(http[^ ]*debian\) .*/\1/p' | head -n 1)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=python3 "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
  { tail "$root.log"; exit 1; }
rm -f "$root.log"
for library in nghttp2 jpeg png16 webp hwy simdjson; do
  if compgen -G "$root/usr/lib/*/lib$library*" >/dev/null; then
    echo "The root already holds lib$library; it would prove nothing." >&2
    exit 1
  fi
done
python3 -m zipfile -e "$wheel" "$root/opt/site"
chroot "$root" env PYTHONPATH=/opt/site python3 -B -c '
import platform
import server._core as core
print("imported", core.__file__, "on Python", platform.python_version())'
chroot "$root" sh -c 'ldd /opt/site/server/_core*.so'
