"""NumPy arrays and the protocol's raw tensors."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]

_DTYPES = {
    "BOOL": np.dtype(np.bool_),
    "FP16": np.dtype(np.float16),
    "FP32": np.dtype(np.float32),
    "FP64": np.dtype(np.float64),
    "BF16": np.dtype(np.float32),  # NumPy has no such type
    **{f"INT{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
}


def to_raw(array: Array, datatype: str) -> tuple[list[int], bytes]:
    """Shape and raw bytes; converts to `datatype`. BYTES takes strings or bytes."""
    if datatype == "BF16":  # the upper half of FP32's bits
        bits = np.ascontiguousarray(array, np.float32).view(np.uint32) >> 16
        return list(array.shape), bits.astype(np.uint16).tobytes()
    if datatype != "BYTES":
        return list(array.shape), np.ascontiguousarray(array, _DTYPES[datatype]).tobytes()
    texts = [item if isinstance(item, bytes) else str(item).encode() for item in array.flat]
    return list(array.shape), b"".join(struct.pack("<I", len(text)) + text for text in texts)


def from_raw(shape: Sequence[int], raw: bytes, datatype: str) -> Array:
    """The inverse of to_raw; BYTES gives an array of fixed-width bytes, BF16 one of FP32."""
    if datatype == "BF16":
        bits = np.frombuffer(raw, np.uint16).astype(np.uint32) << 16
        return bits.view(np.float32).reshape(shape)
    if datatype != "BYTES":
        return np.frombuffer(raw, _DTYPES[datatype]).reshape(shape)
    texts, at = [], 0
    while at < len(raw):
        (length,) = struct.unpack_from("<I", raw, at)
        texts.append(raw[at + 4 : at + 4 + length])
        at += 4 + length
    return np.array(texts, np.bytes_).reshape(shape)


def synthetic(shape: Sequence[int], datatype: str, seed: int) -> Array:
    """Values that most models take: floats from 0 to 1, integers 0 or 1, strings "0" or "1"."""
    random = np.random.default_rng(seed)
    if datatype in ("BF16", "FP16", "FP32", "FP64"):
        return random.random(shape).astype(_DTYPES[datatype])
    bits = random.integers(0, 2, shape)
    return bits.astype(np.bytes_) if datatype == "BYTES" else bits.astype(_DTYPES[datatype])


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """An .npz that load() reads, whatever the names are."""
    np.savez(path, np.array(list(arrays), np.str_), *arrays.values())


def load(path: Path) -> dict[str, Array]:
    """What save() wrote."""
    with np.load(path) as stored:
        names = stored["arr_0"]
        return {str(name): stored[f"arr_{at}"] for at, name in enumerate(names, 1)}
