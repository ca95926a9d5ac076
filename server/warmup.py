"""Builds the warm-up requests of a model."""

import random
import struct
from math import prod
from pathlib import Path

from server.config.dtypes import ELEMENT_SIZE, Datatype
from server.config.spec import ModelConfig, Warmup, WarmupInput
from server.proto import inference_pb2

MAX_ELEMENTS = 1 << 27  # of one input: a gigabyte of the widest datatype

_FLOATS: dict[Datatype, str] = {"FP16": "e", "FP32": "f", "FP64": "d"}


class WarmupError(Exception):
    """A warm-up sample that cannot be built; says which input and why."""


def build_request(config: ModelConfig, sample: Warmup, model: str, folder: Path) -> bytes:
    """A serialized ModelInferRequest; files are read from `folder` (<model>/warmup)."""
    request = inference_pb2.ModelInferRequest(model_name=model, id=sample.name)
    for name, source in sample.inputs.items():
        shape = [sample.batch_size, *source.dims] if config.batched else list(source.dims)
        if prod(shape) > MAX_ELEMENTS:
            raise WarmupError(f'input "{name}": {shape} is over {MAX_ELEMENTS} elements')
        request.inputs.add(name=name, datatype=source.datatype, shape=shape)
        request.raw_input_contents.append(_content(name, source, prod(shape), folder))
    return request.SerializeToString()


def _content(name: str, source: WarmupInput, elements: int, folder: Path) -> bytes:
    if source.file is not None:
        return _file(name, source.file, folder)
    return synthetic(source, elements)


def synthetic(source: WarmupInput, elements: int) -> bytes:
    """Random or zero contents of so many elements."""
    if source.data == "random":
        return _random(source.datatype, elements)
    if source.datatype == "BYTES":
        return bytes(4 * elements)  # empty strings: a length of 0 each
    return bytes(ELEMENT_SIZE[source.datatype] * elements)


def _file(name: str, file: str, folder: Path) -> bytes:
    try:
        return (folder / file).read_bytes()
    except OSError as error:
        raise WarmupError(f'input "{name}": {folder / file}: {error.strerror}') from None


def _random(datatype: Datatype, elements: int) -> bytes:
    """Floats in [0, 1); integers 0 or 1, which are valid as indices of any table of two."""
    source = random.Random(0)
    if datatype == "BYTES":
        words = (f"{source.getrandbits(32):08x}".encode() for _ in range(elements))
        return b"".join(struct.pack("<I", len(word)) + word for word in words)
    if datatype in _FLOATS:
        values = [source.random() for _ in range(elements)]
        return struct.pack(f"<{elements}{_FLOATS[datatype]}", *values)
    if datatype == "BF16":
        values = [source.random() for _ in range(elements)]
        return b"".join(struct.pack("<f", value)[2:] for value in values)
    size = ELEMENT_SIZE[datatype]
    return b"".join(source.getrandbits(1).to_bytes(size, "little") for _ in range(elements))
