"""Proves a Dockerfile where no container engine runs: executes its own steps in Debian roots made
by debootstrap, lists what the image holds, serves the demo repository from inside and stops it
under load."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.container import contents, machine, roots
from tools.container.build import Surroundings, build
from tools.container.checks import ROOT, prove
from tools.container.dockerfile import read
from tools.container.image import Image
from tools.container.network import Network
from tools.container.problems import ProofError
from tools.container.progress import heading, step
from tools.container.running import Container

SCRATCH = ROOT / "build" / "container"
TOOLS = ("debootstrap", "unshare", "nsenter", "setpriv", "ip", "chroot", "apt-cache")
EPILOG = """\
examples (as root):
  python -m tools.container                        the CPU image, as `make container`
  python -m tools.container Dockerfile.gpu         the GPU image, served on the CPU here
  python -m tools.container Dockerfile.gpu --build-arg TENSORRT=1 --build-only
  python -m tools.container --keep                 leaves the root to look around in:
      chroot build/container/Dockerfile/root sh

how:
  Each stage gets a root folder of its own, begun from a bare Debian root that stands in for the
  base image and is kept in build/container. RUN steps see the apt, pip, proxy and certificate
  settings of this machine, as mounts and variables that end with the step. The server runs as
  process 1 of its own namespaces, as the image's user, with the root read-only, tmpfs at /tmp
  and at the cache, and the repository mounted read-only. Requests come from outside.
  The exit code is 1 at the first check that fails, with what was expected and what came; a build
  that failed leaves its roots and logs in build/container.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m tools.container",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("dockerfile", nargs="?", type=Path, default=ROOT / "Dockerfile", help="default: Dockerfile")
    add(
        "--build-arg",
        action="append",
        default=[],
        type=build_argument,
        metavar="NAME=VALUE",
        help="as docker build's",
    )
    add("--repo", type=Path, default=ROOT / "model_repository", help="default: the demo repository")
    add("--build-only", action="store_true", help="build and list, do not serve")
    add("--keep", action="store_true", help="keep the root of the image")
    return made


def build_argument(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def run(arguments: argparse.Namespace) -> None:
    _check_machine()
    given = dict(arguments.build_arg)
    file = read(arguments.dockerfile, given)
    scratch = SCRATCH / file.path.name
    roots.remove(scratch)
    scratch.mkdir(parents=True)
    with step("bare Debian root (kept in build/container)"):
        tar = roots.bare_tar(SCRATCH)
    observed = machine.observe(scratch / "machine")
    built, image = build(file, Surroundings(ROOT, tar, observed, scratch), given)
    root = built.rename(scratch / "root")
    try:
        _list(root, tar)
        if not arguments.build_only:
            _serve(root, image, arguments.repo.resolve(), scratch / "server.log")
    finally:
        if arguments.keep:
            print(f"kept: {root}")
        else:
            roots.remove(root)


def _list(root: Path, tar: Path) -> None:
    heading("contents")
    print("\n".join(contents.report(root, tar)))
    contents.check(contents.inventory(root))


def _serve(root: Path, image: Image, repository: Path, log: Path) -> None:
    with Network() as network, Container(root, image, repository, network, log) as container:
        prove(container, network)


def _check_machine() -> None:
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        raise ProofError(
            f"{', '.join(missing)} not found: run tools/system_packages.sh container, as "
            "`make container` does"
        )
    if os.geteuid() != 0:
        raise ProofError("namespaces and mounts need root: run this as root")


def main() -> int:
    arguments = parser().parse_args()
    start = time.monotonic()
    try:
        run(arguments)
    except (ProofError, OSError, subprocess.CalledProcessError) as error:
        print(f"\nNOT PROVEN: {error}", file=sys.stderr)
        return 1
    print(f"\nPROVEN: {arguments.dockerfile.name} in {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
