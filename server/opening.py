"""From a version's files to a session and a completed configuration; loading and
`check` share it."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from server.completion import Completed, complete
from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile
from server.config.scheduling_spec import DynamicBatching
from server.config.spec import ModelConfig, Provider, ProviderChoice, TensorConfig
from server.engine import (
    CoreError,
    ExecutionSpec,
    Model,
    ModelSpec,
    Padding,
    Priority,
    QueuePolicy,
    Runtime,
    TensorSpec,
)
from server.faults import MismatchError
from server.machine import Machine
from server.repository import ModelFolder, model_file
from server.seeding import powers_of_two
from server.selection.assessment import Assessment, Question
from server.selection.assessments import Assessments
from server.selection.question import question_of
from server.threads import share

_log = logging.getLogger(__name__)

_POWERS_OF_TWO = tuple(16 << power for power in range(28))  # up to any length


@dataclass(frozen=True)
class Opened:
    """A session, its completed configuration, and what was chosen on the way."""

    session: Model
    config: ModelConfig
    path: Path
    notes: tuple[str, ...]
    choice: ProviderChoice  # of the provider, before anything was measured
    key: str  # of the assessment
    assessment: Assessment | None  # as it is known from earlier


class Opener:
    """Opens model files with one runtime and one machine's threads."""

    def __init__(
        self,
        runtime: Runtime,
        machine: Machine,
        assessments: Assessments,
        default: ProviderChoice = "auto",
    ) -> None:
        """`default`: the provider of models whose configuration names none."""
        self._runtime = runtime
        self._machine = machine
        self._assessments = assessments
        self._default = default

    def open(
        self,
        model: ModelFolder,
        version: int,
        file: ConfigFile,
        assessment: Assessment | None = None,
    ) -> Opened:
        """On the provider of the configuration. Where that is open, on the one that `assessment`
        selected, or one from earlier, or the safe one. Raises ConfigError, which names the file,
        the line or node, and the reason."""
        path = model_file(model, version, file.config.filename)
        if isinstance(path, Problem):
            raise ConfigError([path])
        choice = file.config.execution_provider or self._default
        key = self._key(path, file.config, choice)
        known = assessment or self._assessments.find(key)
        safe = self._assessments.providers(choice)[0]
        if known is not None and known.selection.provider != safe:
            try:
                session, made = self._session(file, path, cast(Provider, known.selection.provider))
                return Opened(session, made.config, path, made.notes, choice, key, known)
            except ConfigError as error:
                _log.warning("%s was the fastest once: %s", known.selection.provider, error)
                known = None
        session, made = self._session(file, path, safe)
        return Opened(session, made.config, path, made.notes, choice, key, known)

    def question(self, model: str, version: int, file: ConfigFile, opened: Opened) -> Question:
        """What is to be measured of an opened version."""
        providers = self._assessments.providers(opened.choice)
        name = f"{model}/{version}"
        cores = self._machine.cores
        return question_of(name, opened.path, file.config, opened.config, providers, cores)

    def _key(self, path: Path, config: ModelConfig, choice: ProviderChoice) -> str:
        try:
            return self._assessments.key(path, config, choice)
        except OSError as error:
            raise ConfigError([Problem(path, error.strerror or str(error))]) from None

    def _session(self, file: ConfigFile, path: Path, provider: Provider) -> tuple[Model, Completed]:
        config = self._placed(file.config, provider)
        try:
            session = self._runtime.open(str(path), execution(config), config.instance_count or 1)
            made = complete(config, session.inputs, session.outputs, session.probe_batching)
        except CoreError as error:
            reason = error.message.removeprefix(f"model file '{path}': ")
            raise ConfigError([Problem(path, reason)]) from None
        except MismatchError as error:
            found = [file.problem(each.message, path, each.at) for each in error.faults]
            raise ConfigError(found) from None
        return session, made

    def _placed(self, config: ModelConfig, provider: Provider) -> ModelConfig:
        """With provider, slots and threads decided."""
        placed = config.model_copy(update={"execution_provider": provider})
        slots = share(placed, self._machine.cores)
        return placed.model_copy(
            update={
                "instance_count": slots.instance_count,
                "intra_op_threads": slots.intra_op_threads,
            }
        )


def execution(config: ModelConfig) -> ExecutionSpec:
    """The engine's form of how the model runs."""
    return ExecutionSpec(
        provider=config.execution_provider or "cpu",
        options=dict(config.provider_options),
        intra_op_threads=config.intra_op_threads or 1,
        inter_op_threads=config.inter_op_threads,
        optimization_level=config.level,
        device_id=config.device_id,
    )


def model_spec(config: ModelConfig, name: str, version: int) -> ModelSpec:
    """The engine's form of a completed configuration."""
    queueing = config.queueing
    tuning = queueing if config.combines_requests else DynamicBatching()
    return ModelSpec(
        name=name,
        version=version,
        inputs=[_tensor(each, config.batched) for each in config.inputs],
        outputs=[_tensor(each, config.batched) for each in config.outputs],
        execution=execution(config),
        max_batch_size=config.max_batch_size or 0,
        dynamic_batching=config.combines_requests,
        preferred_batch_sizes=tuning.preferred_batch_size,
        max_queue_delay_us=tuning.max_queue_delay_microseconds,
        latency_target_us=round((config.latency_slo_ms or 0) * 1000),
        instance_count=config.instance_count or 1,
        max_queue_size=config.max_queue_size,
        priority=_priority(queueing),
        preserve_ordering=queueing.preserve_ordering,
        weight=config.weight,
        padding=_padding(config),
        warm_batch_sizes=_warm_batch_sizes(config, tuning),
    )


def _warm_batch_sizes(config: ModelConfig, tuning: DynamicBatching) -> list[int]:
    """OpenVINO compiles kernels for every new batch size, while a request waits: those of
    server.seeding and the preferred ones are enough."""
    if config.execution_provider != "openvino" or not config.combines_requests:
        return []
    most = config.max_batch_size or 1
    return sorted({*powers_of_two(most), *tuning.preferred_batch_size})


def _priority(queueing: DynamicBatching) -> Priority:
    levels = queueing.priority_levels
    written = next(queueing.written_policies(), None) is not None
    numbers = range(1, levels + 1) if levels else (0,) if written else ()
    policies = map(queueing.policy, numbers)
    return Priority(
        levels=levels,
        default_level=queueing.default_priority_level,
        policies=[
            QueuePolicy(
                timeout_us=policy.default_timeout_microseconds,
                delays=policy.delays,
                timeout_override=policy.allow_timeout_override,
                max_size=policy.max_queue_size,
            )
            for policy in policies
        ],
    )


def _padding(config: ModelConfig) -> Padding:
    padding = config.padding
    if padding is None:
        return Padding(inputs={})
    inputs = {tensor.name: index for index, tensor in enumerate(config.inputs)}
    outputs = {tensor.name: index for index, tensor in enumerate(config.outputs)}
    return Padding(
        inputs={inputs[name]: value for name, value in padding.inputs.items()},
        mask=-1 if padding.mask is None else inputs[padding.mask],
        outputs=[outputs[name] for name in padding.outputs or ()],
        buckets=padding.buckets or _POWERS_OF_TWO,
    )


def _tensor(tensor: TensorConfig, batched: bool) -> TensorSpec:
    dims = [-1, *tensor.dims] if batched else list(tensor.dims)
    return TensorSpec(tensor.name, tensor.datatype, dims)
