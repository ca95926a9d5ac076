"""Finds the native programs that `make setup` builds."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_BUILD = ROOT / "build" / "release"


class MissingToolError(RuntimeError):
    """A native program is not built; the message has the command that builds it."""


def tool(name: str, build: Path = DEFAULT_BUILD) -> Path:
    """The path of benchmarks/`name` in the CMake build folder `build`."""
    path = build / "benchmarks" / name
    if not path.is_file():
        raise MissingToolError(
            f"{path} is not built. Run `make setup`, or "
            f"`cmake -S . -B {build} -DSKEIN_TOOLS=ON && cmake --build {build} --target {name}`."
        )
    return path
