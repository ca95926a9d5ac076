"""What the command needs beyond the server's own dependencies."""

from server.making.packages import need_packages

_NEEDED = ("numpy", "onnx", "sympy", "tqdm", "matplotlib")


def need_quantizer(*more: str) -> None:
    """Raises CommandError with the command that installs what is missing."""
    need_packages("quantize", (*_NEEDED, *more), "quantize")
