"""What loads models without serving them: `check` and `profile`."""

from pathlib import Path
from typing import NamedTuple

from server.config.spec import ProviderChoice
from server.engine import Engine, EngineOptions, Runtime
from server.loader import Loader
from server.machine import Machine, inspect
from server.onnxruntime_locator import locate, preload
from server.opening import Opener
from server.proving import Prover
from server.registry import Registry
from server.repository import Repository, scan
from server.selection.assessments import Assessments


class Offline(NamedTuple):
    """A repository and an engine that listens nowhere."""

    repository: Repository
    machine: Machine
    engine: Engine
    opener: Opener
    prover: Prover
    loader: Loader


def offline(root: Path, cache: Path, default: ProviderChoice) -> Offline:
    """`cache`: what was measured here before; `default`: the provider of models whose
    configuration names none. Raises RuntimeNotFoundError, RepositoryError or
    CoreError."""
    library = locate()
    repository = scan(root)
    preload(library)
    runtime = Runtime(str(library.path))
    machine = inspect(runtime.providers)
    engine = Engine(EngineOptions(cpu_workers=machine.cores))
    assessments = Assessments(cache, runtime, machine)
    opener = Opener(runtime, machine, assessments, default)
    prover = Prover(opener, assessments)
    loader = Loader(engine, opener, prover, Registry(), machine.gpu)
    return Offline(repository, machine, engine, opener, prover, loader)
