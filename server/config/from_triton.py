"""Triton's ModelConfig message -> our specification. What would change results and is not
supported is refused; what only tunes is a warning."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from server.config.dtypes import FROM_TRITON, Datatype
from server.config.lines import Lines, Location
from server.config.problem import ConfigError, Problem
from server.config.spec import ModelConfig, OptimizationLevel
from server.config.triton_batching import read_batching, read_queue_size
from server.config.triton_execution import OWN_PARAMETERS, Execution, read_execution
from server.config.triton_fields import judge_fields
from server.config.triton_names import enum_name, triton_location
from server.config.triton_notes import Notes
from server.config.wording import explain
from server.proto import model_config_pb2 as pb

_FLAGS: Mapping[str, bool] = {"true": True, "false": False}
_NUMBER = re.compile(r"-?\d{1,300}(\.\d{1,300})?")

_LEVELS: Mapping[int, OptimizationLevel] = {0: "all", -1: "basic", 1: "extended", 2: "off"}


def from_triton(
    message: pb.ModelConfig, path: Path, lines: Lines, gpu: bool
) -> tuple[ModelConfig, tuple[Problem, ...]]:
    """The specification and the warnings; raises ConfigError with every refusal."""
    notes = Notes(path, lines)
    judge_fields(message, notes)
    execution = read_execution(message, gpu, notes)
    try:
        config = ModelConfig.model_validate(_convert(message, lines, execution, notes))
    except ValidationError as error:
        rename = partial(triton_location, outputs=[output.name for output in message.output])
        for at, text in explain(error, rename):
            notes.refuse(rename(at), text)
        raise ConfigError(notes.refusals) from None
    if notes.refusals:
        raise ConfigError(notes.refusals)
    return config, tuple(notes.warnings)


def _convert(
    message: pb.ModelConfig, lines: Lines, execution: Execution, notes: Notes
) -> dict[str, Any]:
    batch = _max_batch_size(message, lines)
    return {
        "name": message.name or None,
        "max_batch_size": batch,
        "dynamic_batching": read_batching(message, batch, notes),
        "inputs": tuple(_tensor("input", *each, notes) for each in enumerate(message.input)),
        "outputs": tuple(_tensor("output", *each, notes) for each in enumerate(message.output)),
        "labels": {
            each.name: each.label_filename for each in message.output if each.label_filename
        },
        "version_policy": _version_policy(message),
        "filename": message.default_model_filename or "model.onnx",
        "instance_count": execution.instance_count,
        "execution_provider": execution.provider,
        "provider_options": execution.options,
        "device_ids": execution.device_ids,
        "intra_op_threads": execution.intra_op_threads,
        "inter_op_threads": execution.inter_op_threads,
        "optimization_level": _level(message, notes),
        "max_queue_size": read_queue_size(message.dynamic_batching),
        "warmup": tuple(_warmup(*each, notes) for each in enumerate(message.model_warmup)),
    } | _own_parameters(message)


def _max_batch_size(message: pb.ModelConfig, lines: Lines) -> int | None:
    """None (complete it) when the file says nothing about batching, inputs and outputs."""
    silent = not message.input and not message.output
    if message.max_batch_size == 0 and silent and ("max_batch_size",) not in lines:
        return None
    return int(message.max_batch_size)


def _own_parameters(message: pb.ModelConfig) -> dict[str, Any]:
    """Those given; text that is neither a number nor a flag stays as it is, and the
    specification says what it may be."""
    given = {
        name: message.parameters[name].string_value
        for name in OWN_PARAMETERS
        if name in message.parameters
    }
    return {name: _value(text) for name, text in given.items()}


def _value(text: str) -> float | bool | str:
    if text.isdecimal():
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    return _FLAGS.get(text.lower(), text)


def _tensor(
    field: str, number: int, tensor: pb.ModelInput | pb.ModelOutput, notes: Notes
) -> dict[str, Any]:
    at = (field, number, "data_type")
    return {
        "name": tensor.name,
        "datatype": _datatype(tensor.data_type, tensor.name, at, notes),
        "dims": tuple(tensor.dims),
    }


def _datatype(number: int, tensor: str, at: Location, notes: Notes) -> Datatype:
    name = enum_name(pb.DataType, number)
    if name not in FROM_TRITON:
        notes.refuse(at, f'"{tensor}": data_type is missing (TYPE_FP32, TYPE_INT64, ...)')
        return "FP32"
    return FROM_TRITON[name]


def _version_policy(message: pb.ModelConfig) -> dict[str, Any]:
    policy = message.version_policy
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return {"all": True}
    if choice == "specific":
        return {"specific": tuple(policy.specific.versions)}
    return {"latest": policy.latest.num_versions or 1}


def _level(message: pb.ModelConfig, notes: Notes) -> OptimizationLevel:
    level = message.optimization.graph.level
    if level not in _LEVELS:
        at = ("optimization", "graph", "level")
        notes.refuse(at, f"optimization.graph.level: {level} is not one of -1, 0, 1, 2")
    return _LEVELS.get(level, "all")


def _warmup(number: int, sample: pb.ModelWarmup, notes: Notes) -> dict[str, Any]:
    at = ("model_warmup", number, "inputs")
    return {
        "name": sample.name,
        "batch_size": sample.batch_size or 1,
        "count": sample.count or 1,
        "inputs": {
            name: _warmup_input(name, each, (*at, name), notes)
            for name, each in sample.inputs.items()
        },
    }


def _warmup_input(
    name: str, source: pb.ModelWarmup.Input, at: Location, notes: Notes
) -> dict[str, Any]:
    shape = {
        "datatype": _datatype(source.data_type, name, at, notes),
        "dims": tuple(source.dims),
    }
    if source.input_data_file:
        return shape | {"data": "file", "file": source.input_data_file}
    return shape | {"data": "random" if source.random_data else "zero"}
