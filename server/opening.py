"""From a version's files to a session and a completed configuration; loading and
`check` share it."""

from dataclasses import dataclass
from pathlib import Path

from server.completion import MismatchError, complete
from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile
from server.config.spec import DynamicBatching, ModelConfig, TensorConfig
from server.engine import (
    CoreError,
    Engine,
    ExecutionSpec,
    Model,
    ModelSpec,
    Runtime,
    TensorSpec,
)
from server.machine import Machine
from server.repository import ModelFolder, model_file
from server.threads import share

_LEVELS = {"off": 0, "basic": 1, "extended": 2, "all": 99}


@dataclass(frozen=True)
class Opened:
    """A session, its completed configuration, and what was chosen on the way."""

    session: Model
    config: ModelConfig
    path: Path
    notes: tuple[str, ...]


class Opener:
    """Opens model files with one engine, one runtime and one machine's threads."""

    def __init__(self, engine: Engine, runtime: Runtime, machine: Machine) -> None:
        self._engine = engine
        self._runtime = runtime
        self._machine = machine

    def open(self, model: ModelFolder, version: int, file: ConfigFile) -> Opened:
        """Raises ConfigError, which names the file, the line or node, and the reason."""
        path = model_file(model, version, file.config.filename)
        if isinstance(path, Problem):
            raise ConfigError([path])
        config = self._placed(file.config)
        try:
            session = self._engine.open(
                self._runtime, str(path), execution(config), config.instance_count or 1
            )
            made = complete(config, session.inputs, session.outputs, session.probe_batching)
        except CoreError as error:
            reason = error.message.removeprefix(f"model file '{path}': ")
            raise ConfigError([Problem(path, reason)]) from None
        except MismatchError as error:
            raise ConfigError([file.problem(each, path) for each in error.messages]) from None
        return Opened(session, made.config, path, made.notes)

    def _placed(self, config: ModelConfig) -> ModelConfig:
        """With provider, slots and threads decided."""
        provider = config.execution_provider or ("cuda" if self._machine.gpu else "cpu")
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
        optimization_level=_LEVELS[config.optimization_level],
        device_id=config.device_id,
    )


def model_spec(config: ModelConfig, name: str, version: int) -> ModelSpec:
    """The engine's form of a completed configuration."""
    batching = config.dynamic_batching
    tuning = batching if isinstance(batching, DynamicBatching) else DynamicBatching()
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
        instance_count=config.instance_count or 1,
        max_queue_size=config.max_queue_size,
    )


def _tensor(tensor: TensorConfig, batched: bool) -> TensorSpec:
    dims = [-1, *tensor.dims] if batched else list(tensor.dims)
    return TensorSpec(tensor.name, tensor.datatype, dims)
