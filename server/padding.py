"""Holds `padding` against the model's inputs and outputs, and fills in what it leaves open."""

import math
from collections.abc import Iterable, Sequence

from server.config.dtypes import Datatype
from server.config.lines import Location
from server.config.problem import suggestion
from server.config.scheduling_spec import Padding
from server.config.spec import TensorConfig
from server.faults import Fault

_EXACT = 2**53 - 1  # a pad value is a double: whole numbers up to here are exact
_WHOLE: dict[Datatype, tuple[int, int]] = {
    "BOOL": (0, 1),
    "UINT8": (0, 2**8 - 1),
    "UINT16": (0, 2**16 - 1),
    "UINT32": (0, 2**32 - 1),
    "UINT64": (0, _EXACT),
    "INT8": (-(2**7), 2**7 - 1),
    "INT16": (-(2**15), 2**15 - 1),
    "INT32": (-(2**31), 2**31 - 1),
    "INT64": (-_EXACT, _EXACT),
}
_LARGEST: dict[Datatype, float] = {
    "FP16": 65504.0,
    "BF16": 2.0**127 * (2 - 2.0**-7),
    "FP32": 2.0**127 * (2 - 2.0**-23),
}


def complete_padding(
    padding: Padding,
    inputs: Sequence[TensorConfig],
    outputs: Sequence[TensorConfig],
    faults: list[Fault],
) -> Padding:
    """With the outputs filled in; `inputs` and `outputs` are completed and batched."""
    for name, value in padding.inputs.items():
        _check_input(name, value, inputs, faults)
    if padding.mask is not None:
        _check_mask(padding.mask, inputs, faults)
    if padding.outputs is None:
        dynamic = tuple(
            each.name for each in outputs if -1 in each.dims and each.datatype != "BYTES"
        )
        return padding.model_copy(update={"outputs": dynamic})
    for number, name in enumerate(padding.outputs):
        at = ("padding", "outputs", number)
        tensor = _find("output", name, at, outputs, faults)
        if tensor is not None and tensor.datatype == "BYTES":
            faults.append(
                Fault(at, f'padding.outputs: "{name}" is BYTES, which cannot be cut back')
            )
        elif tensor is not None and -1 not in tensor.dims:
            faults.append(_fixed(at, tensor))
        if name in padding.outputs[:number]:
            faults.append(Fault(at, f'padding.outputs: "{name}" is given twice'))
    return padding


def _check_input(
    name: str, value: float, inputs: Sequence[TensorConfig], faults: list[Fault]
) -> None:
    at = ("padding", "inputs", name)
    tensor = _find("input", name, at, inputs, faults)
    if tensor is None:
        return
    if tensor.datatype == "BYTES":
        allowed = "allowed are BOOL, integers and floats"
        faults.append(Fault(at, f"padding.inputs.{name}: BYTES cannot be padded; {allowed}"))
    elif -1 not in tensor.dims:
        faults.append(_fixed(at, tensor))
    if allowed := _misfit(value, tensor.datatype):
        message = f"padding.inputs.{name}: {value:.17g} does not fit {tensor.datatype}"
        faults.append(Fault(at, f"{message}; allowed are {allowed}"))


def _misfit(value: float, datatype: Datatype) -> str:
    """What is allowed instead, or nothing."""
    if datatype in _WHOLE:
        low, high = _WHOLE[datatype]
        fits = value.is_integer() and low <= value <= high
        return "" if fits else f"whole numbers from {low} to {high}"
    largest = _LARGEST.get(datatype, math.inf)
    fits = abs(value) <= largest
    return "" if fits else f"numbers from {-largest:g} to {largest:g}"


def _check_mask(name: str, inputs: Sequence[TensorConfig], faults: list[Fault]) -> None:
    at = ("padding", "mask")
    tensor = _find("input", name, at, inputs, faults)
    if tensor is None:
        return
    if tensor.datatype == "BYTES":
        allowed = "a mask is BOOL, an integer or a float"
        faults.append(Fault(at, f'padding.mask: "{name}" is BYTES; {allowed}'))
    if tensor.dims.count(-1) != 1:
        allowed = "a mask has exactly one dynamic dimension (-1) besides the batch"
        faults.append(Fault(at, f'padding.mask: "{name}" has dims {list(tensor.dims)}; {allowed}'))


def _find(
    kind: str, name: str, at: Location, tensors: Iterable[TensorConfig], faults: list[Fault]
) -> TensorConfig | None:
    by_name = {tensor.name: tensor for tensor in tensors}
    if name not in by_name:
        have = ", ".join(f'"{each}"' for each in by_name)
        message = f'padding: the model has no {kind} "{name}".{suggestion(name, by_name)}'
        faults.append(Fault(at, f"{message} It has {have}"))
    return by_name.get(name)


def _fixed(at: Location, tensor: TensorConfig) -> Fault:
    allowed = "only tensors with a dynamic dimension (-1) besides the batch have a length"
    return Fault(at, f'padding: "{tensor.name}" has dims {list(tensor.dims)}; {allowed}')
