"""What a model takes and gives, as its file declares it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto

from server.making.error import CommandError

Dims = tuple[int | None, ...]  # None: dynamic
_NAMES = {"float": "FP", "int": "INT", "uint": "UINT"}


@dataclass(frozen=True)
class Tensor:
    """An input or output; dims with the batch dimension."""

    name: str
    dtype: np.dtype[Any]
    dims: Dims


@dataclass(frozen=True)
class Signature:
    """All tensors of one model; at least one input and one output."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    @property
    def batched(self) -> bool:
        """Whether every tensor has a dynamic first dimension, as the server asks of a batch."""
        return all(each.dims and each.dims[0] is None for each in (*self.inputs, *self.outputs))


def read_signature(model: ModelProto, where: str) -> Signature:
    """Raises CommandError for tensors that calibration cannot feed or compare."""
    overridable = {each.name for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in overridable]
    if not inputs or not model.graph.output:
        raise CommandError(f"{where}: the graph has no inputs or no outputs")
    return Signature(_tensors(inputs, where), _tensors(model.graph.output, where))


def _tensors(values: Iterable[ValueInfoProto], where: str) -> tuple[Tensor, ...]:
    return tuple(_tensor(value, where) for value in values)


def _tensor(value: ValueInfoProto, where: str) -> Tensor:
    kind = value.type.tensor_type
    numeric = kind.elem_type not in (TensorProto.UNDEFINED, TensorProto.STRING)
    if not value.type.HasField("tensor_type") or not numeric or not kind.HasField("shape"):
        raise CommandError(
            f'{where}: "{value.name}" is not a numeric tensor of known rank; only models whose '
            "inputs and outputs are such tensors can be quantized"
        )
    dims = tuple(
        each.dim_value if each.HasField("dim_value") and each.dim_value > 0 else None
        for each in kind.shape.dim
    )
    return Tensor(value.name, onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type), dims)


def datatype(dtype: np.dtype[Any]) -> str:
    """The protocol's name of a NumPy type, or NumPy's own if it has none."""
    kind = dtype.name.rstrip("0123456789")
    if kind == "bool":
        return "BOOL"
    return _NAMES[kind] + dtype.name.removeprefix(kind) if kind in _NAMES else dtype.name
