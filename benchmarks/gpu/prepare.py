"""`make gpu-suite`, first part: checks the bundle, unpacks it and builds. No network.

Standard library only; run by a Python of the bundle's version.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gpu.driver import DriverError, require_driver
from benchmarks.gpu.parts import MANIFEST, BundleError, Manifest, fail, unpack, verify
from benchmarks.tools import ROOT

INTO = ROOT / "build/gpu"
TARGETS = ("_core", "python_stubs", "loadgen")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.gpu.prepare", description=__doc__)
    made.add_argument("--bundle", type=Path, default=ROOT / "gpu-bundle", help="(%(default)s)")
    made.add_argument("--provider", default="cuda", help="cpu needs no driver (%(default)s)")
    return made


def prepare(bundle: Path, into: Path) -> None:
    """After it `into`/venv/bin/python runs the server and the suite. Raises BundleError."""
    manifest = Manifest.read(bundle)
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if manifest.python != own:
        raise BundleError(
            f"the bundle is for Python {manifest.python}, this is {own}: "
            f"run make gpu-suite PYTHON=python{manifest.python}"
        )
    if shutil.which("c++") is None:
        raise BundleError("no C++ compiler: c++ is not on the PATH")
    unpacked = into / MANIFEST
    if not unpacked.is_file() or unpacked.read_bytes() != (bundle / MANIFEST).read_bytes():
        _unpack(manifest, bundle, into)
        shutil.copy(bundle / MANIFEST, unpacked)
    say("building")
    _build(into)


def _unpack(manifest: Manifest, bundle: Path, into: Path) -> None:
    say("checking the bundle")
    verify(manifest, bundle)
    shutil.rmtree(into, ignore_errors=True)
    for name, group in manifest.groups.items():
        say(f"unpacking {name}")
        unpack(group, bundle, into)
    say("installing Python packages")
    _environment(into)


def _environment(into: Path) -> None:
    """A virtual environment of the bundle's wheels, with its site folder beside them."""
    venv = into / "venv"
    _run([sys.executable, "-m", "venv", "--without-pip", str(venv)], into)
    (pip,) = (into / "wheels").glob("pip-*.whl")
    command = [str(venv / "bin/python"), f"{pip}/pip", "install", "--quiet", "--no-index"]
    command += ["--disable-pip-version-check", f"--find-links={into / 'wheels'}"]
    _run([*command, f"--requirement={into / 'requirements.txt'}"], into)
    (packages,) = (venv / "lib").glob("python*/site-packages")
    (packages / "bundle.pth").write_text(f"{into.resolve() / 'site'}\n")


def _build(into: Path) -> None:
    """The extension and the stubs into server/, the load generator into `into`/cmake."""
    root = into.resolve()
    tools = root / "venv/bin"
    python = str(tools / "python")
    pybind11 = subprocess.check_output([python, "-m", "pybind11", "--cmakedir"], text=True).strip()
    settings = {
        "CMAKE_MAKE_PROGRAM": tools / "ninja",
        "CMAKE_PREFIX_PATH": root,
        "CMAKE_INSTALL_RPATH": root / "lib",
        "Python_EXECUTABLE": python,
        "Python_INCLUDE_DIR": root / "include/python",
        "pybind11_DIR": pybind11,
        "SKEIN_ONNXRUNTIME_INCLUDE": root / "include/onnxruntime",
        "SKEIN_TOOLS": "ON",
    }
    flags = [f"-D{name}={value}" for name, value in settings.items()]
    cmake, folder = str(tools / "cmake"), str(root / "cmake")
    _run([cmake, "-S", str(ROOT), "-B", folder, "-G", "Ninja", *flags], into)
    _run([cmake, "--build", folder, "--target", *TARGETS], into)
    _run([cmake, "--install", folder, "--prefix", str(ROOT)], into)


def _run(command: Sequence[str], into: Path) -> None:
    """Raises BundleError with the last lines of what the command printed; the rest is in
    `into`/prepare.log."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    with (into / "prepare.log").open("a") as log:
        log.write(f"{' '.join(command)}\n{done.stdout}")
    if done.returncode:
        last = " | ".join(line for line in done.stdout.splitlines()[-3:] if line)
        raise BundleError(f"{command[0]} failed, see {into / 'prepare.log'}: {last}")


def say(text: str) -> None:
    print(f"gpu-suite: {text}", file=sys.stderr, flush=True)


def main() -> int:
    options = parser().parse_args()
    try:
        if options.provider != "cpu":
            require_driver()
        prepare(options.bundle, INTO)
    except (BundleError, DriverError) as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
