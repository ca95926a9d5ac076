"""What a version runs between being loaded and being served."""

import logging
from collections.abc import Callable

from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile
from server.config.spec import ModelConfig
from server.engine import CoreError
from server.opening import Opened
from server.repository import ModelFolder
from server.seeding import WARM_RUNS, SeedingError, seed, synthetic_requests, warm
from server.specification import warm_batch_sizes
from server.warmup import WarmupError, build_request

_log = logging.getLogger(__name__)

Infer = Callable[[bytes], object]  # runs one serialized request; raises CoreError


def warm_up(model: ModelFolder, opened: Opened, file: ConfigFile, infer: Infer) -> None:
    """The samples of the configuration, then batches of every size. Raises ConfigError."""
    config, ran = opened.config, 0

    def count(request: bytes) -> None:
        nonlocal ran
        infer(request)
        ran += 1

    _run_samples(model, config, file, infer)
    try:
        _run_sizes(config, model.name, count)
    except SeedingError as error:
        _pass_over(config, model.name, str(error))
    except CoreError as error:
        if config.on_gpu and error.code == "RESOURCE_EXHAUSTED":
            raise ConfigError([Problem(opened.path, f"warm-up: {error.message}")]) from None
        if config.on_gpu and (ran < config.slots * WARM_RUNS or _prepares_sizes(config)):
            raise ConfigError([_does_not_run(model, config, file, error.message)]) from None
        _pass_over(config, model.name, error.message)


def _prepares_sizes(config: ModelConfig) -> bool:
    """Whether a size that fails now would fail for every request too."""
    return config.cuda_graph or config.execution_provider == "tensorrt"


def _does_not_run(
    model: ModelFolder, config: ModelConfig, file: ConfigFile, reason: str
) -> Problem:
    key = "cuda_graph" if config.cuda_graph else "execution_provider"
    fix = "if it cannot take zeros, let its first warm-up sample have data: random"
    message = f"warm-up on {config.execution_provider}: {reason}; {fix}"
    return file.problem(message, model.path, (key,))


def _run_samples(model: ModelFolder, config: ModelConfig, file: ConfigFile, infer: Infer) -> None:
    for number, sample in enumerate(config.warmup):
        try:
            request = build_request(config, sample, model.name, model.path / "warmup")
            for _ in range(sample.count):
                infer(request)
        except (WarmupError, CoreError) as error:
            reason = error.message if isinstance(error, CoreError) else str(error)
            message = f'warm-up "{sample.name}": {reason}'
            at = ("warmup", number)
            raise ConfigError([file.problem(message, model.path, at)]) from None


def _run_sizes(config: ModelConfig, model: str, infer: Infer) -> None:
    requests = synthetic_requests(config, model)
    if config.on_gpu:
        warm(requests, warm_batch_sizes(config) or [1], config.slots, infer)
    else:
        seed(requests, config.max_batch_size or 1, infer)


def _pass_over(config: ModelConfig, model: str, reason: str) -> None:
    """A model that cannot take synthetic data is served all the same: it learns later, at the
    cost of the first requests of each size on a GPU."""
    level = logging.WARNING if config.on_gpu else logging.DEBUG
    _log.log(level, "%s: latency is not measured at load: %s", model, reason)
