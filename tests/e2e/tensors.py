"""NumPy arrays as the protocol's raw bytes, and back. BF16 travels as ml_dtypes.bfloat16."""

import struct
from collections.abc import Sequence
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from benchmarks.load.requests import NUMPY_DTYPES

Array = npt.NDArray[Any]

NUMPY: dict[str, type] = {
    **NUMPY_DTYPES,
    "BF16": ml_dtypes.bfloat16,
    "BYTES": np.object_,
}
_DATATYPES = {np.dtype(scalar): name for name, scalar in NUMPY.items()}


def datatype(array: Array) -> str:
    """The protocol's name of the array's element type."""
    return _DATATYPES[array.dtype]


def to_raw(array: Array) -> bytes:
    """Row-major and little-endian; elements of BYTES (Python bytes) have their length first."""
    if array.dtype == np.object_:
        return b"".join(struct.pack("<I", len(each)) + each for each in array.flat)
    return array.tobytes()


def from_raw(raw: bytes, name: str, shape: Sequence[int]) -> Array:
    """Inverse of to_raw()."""
    if name != "BYTES":
        return np.frombuffer(raw, NUMPY[name]).reshape(shape)
    elements = []
    at = 0
    while at < len(raw):
        (size,) = struct.unpack_from("<I", raw, at)
        elements.append(raw[at + 4 : at + 4 + size])
        at += 4 + size
    return np.array(elements, np.object_).reshape(shape)


def samples(name: str, shape: Sequence[int]) -> Array:
    """Seeded values of every kind that the datatype has, with its extremes among them."""
    random = np.random.default_rng(11)
    count = int(np.prod(shape))
    if name == "BYTES":
        texts = [b"", b"plain", "Grüße, 鳥".encode(), bytes(range(256)), b"x" * 5000]
        return np.array([texts[i % len(texts)] for i in range(count)], np.object_).reshape(shape)
    scalar = NUMPY[name]
    if name == "BOOL":
        return random.integers(0, 2, shape).astype(scalar)
    if name in ("FP16", "FP32", "FP64", "BF16"):
        values: Array = random.normal(0, 100, count).astype(scalar)
        values[:3] = np.array([np.inf, -0.0, 1e-3]).astype(scalar)
        return values.reshape(shape)
    limits = np.iinfo(scalar)
    values = random.integers(limits.min, limits.max, count, scalar, endpoint=True)
    values[:2] = limits.min, limits.max
    return values.reshape(shape)
