"""From a version's files to a session and a completed configuration; loading and
`check` share it."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from server.completion import Completed, complete
from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile
from server.config.spec import ModelConfig, Provider, ProviderChoice
from server.engine import (
    CoreError,
    Model,
    Runtime,
)
from server.faults import MismatchError
from server.gpu_advice import explained
from server.gpu_execution import check_options, described_by, with_gpu_options
from server.machine import Machine
from server.repository import ModelFolder, model_file
from server.selection.assessment import Assessment, Question
from server.selection.assessments import Assessments
from server.selection.question import question_of
from server.specification import execution
from server.tensorrt_cache import tensorrt_cache
from server.threads import share

_log = logging.getLogger(__name__)


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
        assess: bool = True,
    ) -> None:
        """`default`: the provider of models whose configuration names none; `assess`: whether
        somebody will ask for assessments of all models."""
        self._runtime = runtime
        self._machine = machine
        self._assessments = assessments
        self._default = default
        self._assess = assess

    def open(
        self,
        model: ModelFolder,
        version: int,
        file: ConfigFile,
        assessment: Assessment | None = None,
    ) -> Opened:
        """On the provider that `assessment` selected. Without one: on the provider of the
        configuration, or the one that was selected earlier, or the safe one. Raises
        ConfigError, which names the file, the line or node, and the reason."""
        path = model_file(model, version, file.config.filename)
        if isinstance(path, Problem):
            raise ConfigError([path])
        choice = file.config.execution_provider or self._default
        key = self.key(path, file)
        known = assessment or self._assessments.find(key)
        safe = self._assessments.providers(choice)[0]
        if known is not None:
            provider = cast(Provider, known.selection.provider)
            try:
                session, made = self._session(file, path, provider)
                return Opened(session, made.config, path, made.notes, choice, key, known)
            except ConfigError as error:
                if assessment is not None or provider == safe:
                    raise
                _log.warning("%s was the fastest once: %s", provider, error)
        session, made = self._session(file, path, safe)
        return Opened(session, made.config, path, made.notes, choice, key, None)

    def key(self, path: Path, file: ConfigFile) -> str:
        """What an assessment of the file is kept under; "" where nobody asks for one. Reads the
        whole file. Raises ConfigError."""
        choice = file.config.execution_provider or self._default
        if not (self._assess or choice == "auto" or file.config.require_int8):
            return ""
        try:
            return self._assessments.key(path, file.config, choice)
        except OSError as error:
            raise ConfigError([Problem(path, error.strerror or str(error))]) from None

    def question(self, model: str, version: int, file: ConfigFile, opened: Opened) -> Question:
        """What is to be measured of an opened version."""
        providers = self._assessments.providers(opened.choice)
        name = f"{model}/{version}"
        cores = self._machine.cores
        return question_of(name, opened.path, file.config, opened.config, providers, cores)

    def _session(self, file: ConfigFile, path: Path, provider: Provider) -> tuple[Model, Completed]:
        config = self._placed(file.config, provider)
        try:
            check_options(config)
            known = provider in self._runtime.providers  # else opening it says so
            how = execution(described_by(config) if known else config)
            session = self._runtime.open(str(path), how, config.instance_count or 1)
            made = complete(config, session.inputs, session.outputs, session.probe_batching)
            cache = tensorrt_cache(self._assessments.cache) if provider == "tensorrt" else None
            made = made._replace(config=with_gpu_options(made.config, cache))
        except CoreError as error:
            reason = explained(error.message.removeprefix(f"model file '{path}': "))
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
