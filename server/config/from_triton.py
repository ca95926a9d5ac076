"""Triton's ModelConfig message -> our specification. What would change results and is not
supported is refused; what only tunes is a warning."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from server.config.dtypes import FROM_TRITON, Datatype
from server.config.pbtxt import line_of
from server.config.problem import ConfigError, Problem
from server.config.spec import (
    DynamicBatching,
    FileName,
    ModelConfig,
    OptimizationLevel,
    TensorConfig,
    VersionPolicy,
    Warmup,
    WarmupInput,
)
from server.config.triton_execution import Execution, read_execution
from server.config.triton_fields import judge_fields
from server.config.triton_notes import Notes
from server.proto import model_config_pb2 as pb

# Our names of fields that Triton calls otherwise.
_TRITON_FIELD = {
    "filename": "default_model_filename",
    "instance_count": "instance_group",
    "file": "input_data_file",
}
_LEVELS: Mapping[int, OptimizationLevel] = {0: "all", -1: "basic", 1: "extended", 2: "off"}


def from_triton(
    message: pb.ModelConfig, path: Path, text: str, gpu: bool
) -> tuple[ModelConfig, tuple[Problem, ...]]:
    """The specification and the warnings; raises ConfigError with every refusal."""
    notes = Notes(path, text)
    judge_fields(message, notes)
    execution = read_execution(message, gpu, notes)
    try:
        config = _convert(message, text, execution, notes)
    except ValidationError as error:
        for item in error.errors():
            where = (
                _TRITON_FIELD.get(str(item["loc"][0]), str(item["loc"][0])) if item["loc"] else ""
            )
            notes.refuse(where or "version_policy", f"{where}: {item['input']!r}: {item['msg']}")
        raise ConfigError(notes.refusals) from None
    if notes.refusals:
        raise ConfigError(notes.refusals)
    return config, tuple(notes.warnings)


def _convert(message: pb.ModelConfig, text: str, execution: Execution, notes: Notes) -> ModelConfig:
    batch = _max_batch_size(message, text)
    return ModelConfig(
        name=message.name or None,
        max_batch_size=batch,
        dynamic_batching=_dynamic_batching(message, batch, notes),
        inputs=tuple(_tensor(each, notes) for each in message.input),
        outputs=tuple(_tensor(each, notes) for each in message.output),
        version_policy=_version_policy(message),
        filename=message.default_model_filename or "model.onnx",
        instance_count=execution.instance_count,
        execution_provider=execution.provider,
        provider_options=execution.options,
        device_id=execution.device_id,
        intra_op_threads=execution.intra_op_threads,
        inter_op_threads=execution.inter_op_threads,
        optimization_level=_level(message, notes),
        max_queue_size=_max_queue_size(message, batch),
        warmup=tuple(_warmup(each, notes) for each in message.model_warmup),
    )


def _max_batch_size(message: pb.ModelConfig, text: str) -> int | None:
    """None (complete it) when the file says nothing about batching, inputs and outputs."""
    silent = not message.input and not message.output
    if message.max_batch_size == 0 and silent and line_of(text, "max_batch_size") is None:
        return None
    return int(message.max_batch_size)


def _dynamic_batching(
    message: pb.ModelConfig, batch: int | None, notes: Notes
) -> DynamicBatching | bool | None:
    """As in Triton: without the block requests are not combined, unless all is completed."""
    if not message.HasField("dynamic_batching"):
        return None if batch is None else False
    block = message.dynamic_batching
    for size in block.preferred_batch_size:
        if batch is not None and not 0 < size <= batch:
            limit = f"max_batch_size: {batch}"
            notes.refuse("preferred_batch_size", f"preferred_batch_size: {size} is over {limit}")
            return True
    return DynamicBatching(
        preferred_batch_size=tuple(block.preferred_batch_size),
        max_queue_delay_microseconds=block.max_queue_delay_microseconds,
    )


def _max_queue_size(message: pb.ModelConfig, batch: int | None) -> int:
    policy = message.dynamic_batching.default_queue_policy
    return int(policy.max_queue_size) or int(ModelConfig.model_fields["max_queue_size"].default)


def _tensor(tensor: pb.ModelInput | pb.ModelOutput, notes: Notes) -> TensorConfig:
    return TensorConfig(
        name=tensor.name,
        datatype=_datatype(tensor.data_type, tensor.name, notes),
        dims=tuple(tensor.dims),
    )


def _datatype(number: int, tensor: str, notes: Notes) -> Datatype:
    name = pb.DataType.Name(number)
    if name not in FROM_TRITON:
        notes.refuse("data_type", f'"{tensor}": data_type is missing (TYPE_FP32, TYPE_INT64, ...)')
        return "FP32"
    return FROM_TRITON[name]


def _version_policy(message: pb.ModelConfig) -> VersionPolicy:
    policy = message.version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return VersionPolicy(all=True)
    if choice == "specific":
        return VersionPolicy(specific=tuple(policy.specific.versions))
    return VersionPolicy(latest=policy.latest.num_versions or 1)


def _level(message: pb.ModelConfig, notes: Notes) -> OptimizationLevel:
    level = message.optimization.graph.level
    if level not in _LEVELS:
        notes.refuse("level", f"optimization.graph.level: {level} is not one of -1, 0, 1, 2")
    return _LEVELS.get(level, "all")


def _warmup(sample: pb.ModelWarmup, notes: Notes) -> Warmup:
    return Warmup(
        name=sample.name,
        batch_size=sample.batch_size or 1,
        count=sample.count or 1,
        inputs={name: _warmup_input(name, each, notes) for name, each in sample.inputs.items()},
    )


def _warmup_input(name: str, source: pb.ModelWarmup.Input, notes: Notes) -> WarmupInput:
    datatype = _datatype(source.data_type, name, notes)
    dims = tuple(source.dims)
    if source.input_data_file:
        file: FileName = source.input_data_file
        return WarmupInput(datatype=datatype, dims=dims, data="file", file=file)
    return WarmupInput(
        datatype=datatype, dims=dims, data="random" if source.random_data else "zero"
    )
