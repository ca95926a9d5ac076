"""`make gpu-bundle`: writes what a bare machine lacks to build and run the GPU suite."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import machine
from benchmarks.gpu.parts import BundleError, Group, Manifest, fail, pack, size
from benchmarks.tools import ROOT

PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in (28, 27, 17, 12, 5)]
TARGET = "3.12"
Files = Iterator[tuple[str, Path]]

# What the CUDA provider loads, by the name of its wheel. A CUDA toolkit has all but cuDNN.
CUDA_WHEELS = {
    "cudnn": "nvidia-cudnn-cu13",
    "cudart": "nvidia-cuda-runtime",
    "cublas": "nvidia-cublas",
    "cufft": "nvidia-cufft",
    "curand": "nvidia-curand",
    "nvrtc": "nvidia-cuda-nvrtc",
    "nvjitlink": "nvidia-nvjitlink",
}
RUNTIME_FILES = (
    *("/libonnxruntime.so", "_providers_shared.so", "_providers_cuda.so"),
    *("_providers_tensorrt.so", "onnxruntime/LICENSE"),
)
# What the server is linked with, and the headers of each.
LIBRARIES = {
    "libhwy": ("hwy",),
    "libjpeg": ("jpeglib.h", "jerror.h", "jmorecfg.h", "jconfig.h"),
    "libnghttp2": ("nghttp2",),
    "libpng16": ("png.h", "pngconf.h", "pnglibconf.h"),
    "libsimdjson": ("simdjson.h",),
    "libwebp": ("webp",),
}
# Beside what pyproject.toml names: the tools of the build, and pip to install it all with.
BUILD_WHEELS = ("cmake>=3.25", "ninja", "pip", "onnx>=1.19,<2")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks.gpu.bundle", description=__doc__)
    made.add_argument("--out", type=Path, default=ROOT / "gpu-bundle", help="(%(default)s)")
    made.add_argument(
        "--cuda",
        nargs="*",
        default=["cudnn"],
        choices=CUDA_WHEELS,
        help="libraries to add that the machine has neither in its toolkit nor elsewhere (cudnn)",
    )
    made.add_argument(
        "--python", default=f"python{TARGET}", help=f"a Python {TARGET} with headers (%(default)s)"
    )
    made.add_argument(
        "--headers", type=Path, required=True, help="ONNX Runtime's C header's folder"
    )
    return made


def download(python: str, needed: list[str], folder: Path, *flags: str) -> None:
    """Wheels for the target, from the index that pip is set to. Raises BundleError."""
    command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--only-binary=:all:", "--implementation=cp", f"--python-version={TARGET}"]
    command += [f"--platform={platform}" for platform in PLATFORMS]
    done = subprocess.run([*command, f"--dest={folder}", *flags, *needed], check=False)
    if done.returncode:
        raise BundleError(f"pip could not download {' '.join(needed)}")


def requirements(*extras: str) -> list[str]:
    """pyproject.toml's, with these extras."""
    command = [sys.executable, "tools/requirements.py", *extras]
    return subprocess.check_output(command, cwd=ROOT, text=True).splitlines()


def build_files(scratch: Path, python: str, headers: Path) -> Files:
    """Wheels, headers and libraries: what compiles and runs the server without a GPU."""
    if not (headers / "onnxruntime_c_api.h").is_file():
        raise BundleError(f"{headers} has no onnxruntime_c_api.h: make gpu-bundle HEADERS=...")
    wheels = scratch / "wheels"
    needed = [*requirements("build", "client"), *BUILD_WHEELS]
    download(python, needed, wheels)
    (scratch / "requirements.txt").write_text("\n".join(needed) + "\n")
    yield "requirements.txt", scratch / "requirements.txt"
    yield from ((f"wheels/{path.name}", path) for path in wheels.iterdir())
    yield from _tree("include/onnxruntime", headers)
    yield from _tree("include/python", python_headers(python))
    yield from _libraries()


PYTHON_FACTS = """
import sys, sysconfig
print("%d.%d" % sys.version_info[:2], sysconfig.get_path("include"))
"""


def python_headers(python: str) -> Path:
    """Of an interpreter of the target's version. Raises BundleError."""
    mend = f"name a Python {TARGET} with headers: make gpu-bundle TARGET_PYTHON=..."
    try:
        facts = subprocess.check_output([python, "-c", PYTHON_FACTS], text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BundleError(f"{python} does not run ({error}): {mend}") from None
    version, folder = facts.split()
    if version != TARGET or not (Path(folder) / "Python.h").is_file():
        raise BundleError(f"{python} is Python {version} with headers in {folder}: {mend}")
    return Path(folder)


def _libraries() -> Files:
    """The system's shared libraries, each under both of its names, and their headers."""
    for name, headers in LIBRARIES.items():
        found = sorted(Path("/usr/lib").glob(f"*/{name}.so.*"), key=lambda path: len(path.name))
        places = [path for each in headers if (path := _header(each)) is not None]
        if not found or len(places) < len(headers):
            raise BundleError(f"{name} is not installed with its headers: run `make setup`")
        for path in places:
            inside = f"include/{path.name}"
            yield from _tree(inside, path) if path.is_dir() else [(inside, path)]
        for link in (f"{name}.so", found[0].name):
            yield f"lib/{link}", found[0].resolve()


def _header(name: str) -> Path | None:
    """A header or a folder of them, among the system's."""
    places = [Path("/usr/include") / name, *Path("/usr/include").glob(f"*-linux-gnu/{name}")]
    return next((path for path in places if path.exists()), None)


def _tree(inside: str, folder: Path) -> Files:
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"{inside}/{path.relative_to(folder)}", path


def wheel_files(scratch: Path, python: str, requirement: str, wanted: tuple[str, ...]) -> Files:
    """What is wanted of one wheel, at its place in site-packages, with the wheel's metadata."""
    download(python, [requirement], scratch, "--no-deps")
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith("/METADATA") or any(part in name for part in wanted):
                yield f"site/{name}", Path(archive.extract(name, scratch / "site"))


def write(options: argparse.Namespace, scratch: Path) -> dict[str, Group]:
    """The groups, each announced when it is written."""
    groups: dict[str, Group] = {}

    def add(name: str, files: Callable[[Path], Files]) -> None:
        folder = scratch / name
        folder.mkdir()
        groups[name] = group = pack(name, files(folder), options.out)
        shutil.rmtree(folder)
        sizes = f"{size(group.bytes):>12}, unpacked {size(group.unpacked_bytes):>12}"
        print(f"{name:10} {len(group.parts):2d} parts, {sizes}", flush=True)

    python = options.python
    add("build", lambda folder: build_files(folder, python, options.headers))
    named = next(each for each in requirements("gpu") if each.startswith("onnxruntime-gpu"))
    runtime = re.sub(r"\[.*\]", "", named)  # without its extras: they are the CUDA wheels
    add("provider", lambda folder: wheel_files(folder, python, runtime, RUNTIME_FILES))
    for name in options.cuda:
        cuda = partial(wheel_files, python=python, requirement=CUDA_WHEELS[name])
        add(name, partial(cuda, wanted=(".so.",)))
    return groups


def main() -> int:
    options = parser().parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob("*.tar.xz*"):
        old.unlink()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            groups = write(options, Path(scratch))
    except BundleError as error:
        return fail(error)
    Manifest(machine.commit(), TARGET, groups).write(options.out)
    print(f"{options.out}: {size(sum(group.bytes for group in groups.values()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
