"""What the command needs beyond the server's own dependencies."""

from importlib.util import find_spec

from server.quantize.error import QuantizeError

_NEEDED = ("numpy", "onnx", "sympy", "tqdm", "matplotlib")


def need_packages(more: tuple[str, ...] = ()) -> None:
    """Raises QuantizeError with the command that installs what is missing."""
    missing = [name for name in (*_NEEDED, *more) if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        fix = "pip install 'skein-server[quantize]'"
        raise QuantizeError(f"quantize needs {names}, not installed here: {fix}")
    if find_spec("onnxruntime") is None:
        fix = "pip install 'skein-server[cpu]' (or 'skein-server[gpu]')"
        raise QuantizeError(f"ONNX Runtime is not installed. Install one: {fix}")
