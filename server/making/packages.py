"""What a command needs beyond the server's own dependencies."""

from collections.abc import Iterable
from importlib.util import find_spec

from server.making.error import CommandError


def need_packages(command: str, modules: Iterable[str], extra: str) -> None:
    """Raises CommandError with the command that installs what is missing. `extra`: of our own
    package, which brings `modules`."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        fix = f"pip install 'skein-server[{extra}]'"
        raise CommandError(f"{command} needs {names}, not installed here: {fix}")
    if find_spec("onnxruntime") is None:
        fix = "pip install 'skein-server[cpu]' (or 'skein-server[gpu]')"
        raise CommandError(f"ONNX Runtime is not installed. Install one: {fix}")
