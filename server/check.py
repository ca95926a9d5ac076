"""`python -m server check`: validates a repository without serving it."""

from pathlib import Path

from server.choices import describe_choices
from server.config.problem import ConfigError
from server.config.read import read_config
from server.config.spec import ProviderChoice
from server.engine import CoreError
from server.loader import Loader
from server.offline import offline
from server.onnxruntime_locator import RuntimeNotFoundError
from server.opening import Opened
from server.proving import Prover
from server.raw_inputs import client_inputs
from server.repository import ModelFolder, RepositoryError, missing_version


def check(root: Path, cache: Path, default: ProviderChoice) -> int:
    """Prints one line per version or problem; returns the exit code (1: something is wrong)."""
    try:
        repository, machine, _, _, prover, loader = offline(root, cache, default)
    except (RuntimeNotFoundError, RepositoryError, CoreError) as error:
        print(f"error: {error.message if isinstance(error, CoreError) else error}")
        return 1
    for problem in repository.problems:
        print(f"error: {problem}")
    results = [_check_model(model, prover, loader, machine.gpu) for model in repository.models]
    if not results and not repository.problems:
        print(f"error: {root} holds no models; expected {root / 'MODEL' / '1' / 'model.onnx'}")
        return 1
    wrong = results.count(False) + len(repository.problems)
    print(
        f"{len(results)} models, {wrong} with problems" if wrong else f"{len(results)} models, ok"
    )
    return 1 if wrong else 0


def _check_model(model: ModelFolder, prover: Prover, loader: Loader, gpu: bool) -> bool:
    try:
        file = read_config(model.path, gpu)
        if problem := missing_version(model):
            raise ConfigError([problem])
        for warning in file.warnings:
            print(f"warning: {warning}")
        for version in file.config.version_policy.choose(model.versions):
            opened = prover.open(model, version, file)
            loader.start(model, version, file, opened)
            _print_opened(model.name, version, opened)
    except ConfigError as error:
        for problem in error.problems:
            print(f"error: {problem}")
        return False
    return True


def _print_opened(name: str, version: int, opened: Opened) -> None:
    config = opened.config
    sent = client_inputs(config)
    inputs = ", ".join(f"{each.name} {each.datatype}{list(each.dims)}" for each in sent)
    batch = f"batches of up to {config.max_batch_size}" if config.batched else "no batch dimension"
    print(f"ok: {name}/{version}: {inputs}; {batch}; {_provider(opened)}")
    for note in (*opened.notes, *describe_choices(config)):
        print(f"    {note}")


def _provider(opened: Opened) -> str:
    """What it runs on, and how that came."""
    provider = opened.config.execution_provider
    if opened.choice != "auto":
        return str(provider)
    if opened.assessment is None:
        return f"{provider} until serving has measured what is faster"
    return f"{provider}: {opened.assessment.selection.reason}"
