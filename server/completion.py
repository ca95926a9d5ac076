"""Fills in what a configuration leaves open from the opened model file, and holds what it says
against the file. Pure: the batching probe is passed in."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, cast

from server.config.dtypes import Datatype
from server.config.lines import Location
from server.config.problem import suggestion
from server.config.scheduling_spec import DynamicBatching, Padding
from server.config.spec import ModelConfig, TensorConfig
from server.faults import Fault, MismatchError
from server.padding import complete_padding
from server.postprocess import check_outputs
from server.raw_inputs import check_raw_inputs

DEFAULT_MAX_BATCH_SIZE = 32


class FileTensor(Protocol):
    """A tensor as the model file declares it; dims include the batch dimension, -1 = dynamic."""

    @property
    def name(self) -> str: ...
    @property
    def datatype(self) -> str: ...
    @property
    def dims(self) -> Sequence[int]: ...


class Completed(NamedTuple):
    """A configuration with batching, inputs and outputs filled in, and what was chosen."""

    config: ModelConfig
    notes: tuple[str, ...]


def complete(
    config: ModelConfig,
    inputs: Sequence[FileTensor],
    outputs: Sequence[FileTensor],
    probe_batching: Callable[[], bool],
) -> Completed:
    """Raises MismatchError. `probe_batching` is called only when batching is left open."""
    notes: list[str] = []
    batch = config.max_batch_size
    if batch is None:
        batch = _complete_batch(config, inputs, outputs, probe_batching, notes)
    faults: list[Fault] = []
    made = {
        "max_batch_size": batch,
        "dynamic_batching": _batching(config, batch, faults),
        "inputs": _tensors("input", config.inputs, inputs, batch, faults),
        "outputs": _tensors("output", config.outputs, outputs, batch, faults),
    }
    if config.inputs:
        faults += _undeclared(config.inputs, inputs)
    made_config = config.model_copy(update=made)
    if config.padding is not None:
        made_config = _pad(made_config, config.padding, notes, faults)
    check_outputs(made_config, faults)
    check_raw_inputs(made_config, faults)
    if faults:
        raise MismatchError(faults)
    return Completed(made_config, tuple(notes))


def _pad(
    config: ModelConfig, padding: Padding, notes: Sequence[str], faults: list[Fault]
) -> ModelConfig:
    if not config.batched:
        why = "; ".join(notes) or "max_batch_size is 0"
        message = f"padding needs a batch dimension (max_batch_size of 1 or more), but {why}"
        faults.append(Fault(("padding",), message))
        return config
    made = complete_padding(padding, config.inputs, config.outputs, faults)
    return config.model_copy(update={"padding": made})


def _undeclared(declared: Iterable[TensorConfig], inputs: Iterable[FileTensor]) -> list[Fault]:
    names = {tensor.name for tensor in declared}
    return [
        Fault(("inputs",), f'input "{tensor.name}" of the model file is not declared: add it')
        for tensor in inputs
        if tensor.name not in names
    ]


def _complete_batch(
    config: ModelConfig,
    inputs: Sequence[FileTensor],
    outputs: Sequence[FileTensor],
    probe_batching: Callable[[], bool],
    notes: list[str],
) -> int:
    tensors = (*inputs, *outputs)
    if not all(tensor.dims and tensor.dims[0] == -1 for tensor in tensors):
        notes.append("max_batch_size 0: not every input and output has a dynamic first dimension")
        return 0
    ranks = {tensor.name: len(tensor.dims) for tensor in tensors}
    declared = (*config.inputs, *config.outputs)
    if any(len(tensor.dims) == ranks.get(tensor.name) for tensor in declared):
        notes.append("max_batch_size 0: the declared dims include the first dimension")
        return 0
    if not probe_batching():
        notes.append("max_batch_size 0: rows run together differ from rows run alone")
        return 0
    notes.append(f"max_batch_size {DEFAULT_MAX_BATCH_SIZE}: a probe found the rows independent")
    return DEFAULT_MAX_BATCH_SIZE


def _batching(config: ModelConfig, batch: int, faults: list[Fault]) -> DynamicBatching | bool:
    asked = config.dynamic_batching
    if isinstance(asked, DynamicBatching):
        for number, size in enumerate(asked.preferred_batch_size):
            if size > batch:
                at = ("dynamic_batching", "preferred_batch_size", number)
                message = f"preferred_batch_size: {size} is over max_batch_size: {batch}"
                faults.append(Fault(at, message))
        return asked
    return False if batch == 0 or asked is False else DynamicBatching()


def _tensors(
    kind: str,
    declared: Sequence[TensorConfig],
    actual: Sequence[FileTensor],
    batch: int,
    faults: list[Fault],
) -> tuple[TensorConfig, ...]:
    """Every tensor of the file, or the declared ones checked against it."""
    by_name = {tensor.name: tensor for tensor in actual}
    if not declared:
        return tuple(_from_file(kind, tensor, batch, faults) for tensor in actual)
    merged = []
    for number, tensor in enumerate(declared):
        at = (f"{kind}s", number)
        if any(tensor.name == before.name for before in declared[:number]):
            faults.append(Fault(at, f'{kind} "{tensor.name}" is declared twice'))
        found = by_name.get(tensor.name)
        if found is None:
            hint = suggestion(tensor.name, by_name)
            have = ", ".join(f'"{name}"' for name in by_name)
            message = f'{kind} "{tensor.name}" is not in the model file.{hint} It has {have}'
            faults.append(Fault((*at, "name"), message))
        else:
            merged.append(_merge(at, tensor, found, batch, faults))
    return tuple(merged)


def _from_file(kind: str, tensor: FileTensor, batch: int, faults: list[Fault]) -> TensorConfig:
    return TensorConfig(
        name=tensor.name,
        datatype=cast(Datatype, tensor.datatype),
        dims=_inner(kind, tensor, batch, faults),
    )


def _inner(kind: str, tensor: FileTensor, batch: int, faults: list[Fault]) -> tuple[int, ...]:
    """The file's dims without the batch dimension."""
    dims = tuple(tensor.dims)
    if batch == 0:
        return dims
    if not dims or dims[0] != -1:
        fix = "export it with a dynamic batch axis, or set max_batch_size: 0"
        message = (
            f"max_batch_size: {batch} needs a dynamic first dimension, but {kind} "
            f'"{tensor.name}" is {list(dims)} in the model file; {fix}'
        )
        faults.append(Fault(("max_batch_size",), message))
    return dims[1:]


def _merge(
    at: Location, declared: TensorConfig, actual: FileTensor, batch: int, faults: list[Fault]
) -> TensorConfig:
    """The declared tensor; each dimension the more specific of declaration and file."""
    kind = str(at[0]).removesuffix("s")
    inner = _inner(kind, actual, batch, faults)
    label = f'{kind} "{declared.name}" is declared'
    if declared.datatype != actual.datatype:
        message = f"{label} {declared.datatype}, but the model file has {actual.datatype}"
        faults.append(Fault((*at, "datatype"), message))
    if not _compatible(declared.dims, inner):
        without = " (without the batch dimension)" if batch else ""
        message = f"{label} with dims {list(declared.dims)}, but the model file has {list(inner)}"
        faults.append(Fault((*at, "dims"), f"{message}{without}"))
        return declared
    dims = tuple(
        from_file if said == -1 else said
        for said, from_file in zip(declared.dims, inner, strict=True)
    )
    return declared.model_copy(update={"dims": dims})


def _compatible(declared: Sequence[int], actual: Sequence[int]) -> bool:
    return len(declared) == len(actual) and all(
        -1 in (said, is_) or said == is_ for said, is_ in zip(declared, actual, strict=True)
    )
