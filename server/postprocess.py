"""Holds what `postprocess` and `labels` say against the model's outputs."""

from server.config.lines import Location
from server.config.problem import suggestion
from server.config.spec import ModelConfig, TensorConfig
from server.faults import Fault

_FLOATS = ("FP16", "BF16", "FP32", "FP64")


def check_outputs(config: ModelConfig, faults: list[Fault]) -> None:
    """`config` has its outputs filled in."""
    for name, wanted in config.postprocess.items():
        tensor = _find(config, ("postprocess", name), faults)
        if tensor is not None and wanted.softmax:
            _check_softmax(tensor, config.batched, faults)
    for name in config.labels:
        tensor = _find(config, ("labels", name), faults)
        if tensor is not None and tensor.datatype in ("BYTES", "BOOL"):
            message = f"labels.{name}: {tensor.datatype} has no order; classes need numbers"
            faults.append(Fault(("labels", name), message))


def _check_softmax(tensor: TensorConfig, batched: bool, faults: list[Fault]) -> None:
    key = f"postprocess.{tensor.name}.softmax"
    at = ("postprocess", tensor.name, "softmax")
    if tensor.datatype not in _FLOATS:
        allowed = f"allowed are {', '.join(_FLOATS)}"
        faults.append(Fault(at, f"{key}: the output is {tensor.datatype}; {allowed}"))
    if not tensor.dims:
        besides = " besides the batch" if batched else ""
        faults.append(Fault(at, f"{key}: the output has no axis{besides} to sum over"))


def _find(config: ModelConfig, at: Location, faults: list[Fault]) -> TensorConfig | None:
    key, name = str(at[0]), str(at[1])
    by_name = {tensor.name: tensor for tensor in config.outputs}
    if name not in by_name:
        have = ", ".join(f'"{each}"' for each in by_name)
        message = f'{key}: the model has no output "{name}".{suggestion(name, by_name)}'
        faults.append(Fault(at, f"{message} It has {have}"))
    return by_name.get(name)
