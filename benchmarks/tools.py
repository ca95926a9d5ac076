"""Finds the native programs that `make setup` builds."""

import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_BUILD = ROOT / "build" / "release"


class MissingToolError(RuntimeError):
    """A native program is not built; the message has the command that builds it."""


def tool(name: str, build: Path = DEFAULT_BUILD) -> Path:
    """The path of the program benchmarks/`name` in the CMake build folder `build`."""
    return _built(name, name, build)


def extension(name: str, build: Path = DEFAULT_BUILD) -> Path:
    """The path of the Python extension benchmarks/`name` in the CMake build folder `build`."""
    return _built(name + sysconfig.get_config_var("EXT_SUFFIX"), name, build)


def _built(file_name: str, target: str, build: Path) -> Path:
    path = build / "benchmarks" / file_name
    if not path.is_file():
        raise MissingToolError(
            f"{path} is not built. Run `make setup`, or "
            f"`cmake -S . -B {build} -DSKEIN_TOOLS=ON && cmake --build {build} --target {target}`."
        )
    return path
