"""`python -m server profile`: loads one model as serving would, measures it, says what follows."""

import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from server.config.problem import ConfigError, suggestion
from server.config.read import ConfigFile, read_config
from server.config.spec import ModelConfig
from server.engine import CoreError, Engine, Version
from server.offline import Offline, offline
from server.onnxruntime_locator import RuntimeNotFoundError
from server.profiling.measure import ROUNDS, Figure, Measurement, bucket_sizes
from server.profiling.options import ProfileOptions
from server.profiling.page import page
from server.profiling.report import Profile, advice, as_json, table
from server.repository import ModelFolder, RepositoryError, missing_version
from server.seeding import MAX_BYTES, SeedingError, Synthetic, synthetic_requests


class UsageError(Exception):
    """An option names something that is not there; says what is."""


def profile(options: ProfileOptions) -> int:
    """Prints the table and advice and writes --out; returns the exit code."""
    try:
        _need_matplotlib(options.out)
        made = _profile(
            options, offline(options.repository, options.cache, options.execution_provider)
        )
    except UsageError as error:
        _say(f"error: {error}")
        return 2
    except (ConfigError, CoreError, RepositoryError, RuntimeNotFoundError, SeedingError) as error:
        _say(f"error: {error.message if isinstance(error, CoreError) else error}")
        return 1
    print(made.title)
    print(table(made.figures))
    for sentence in advice(made):
        print(sentence)
    return 0 if options.out is None else _write(made, options.out)


def _need_matplotlib(out: Path | None) -> None:
    if out is not None and out.suffix != ".json" and find_spec("matplotlib") is None:
        fix = 'pip install "skein-server[plot]"'
        raise UsageError(f"{out}: a plot needs matplotlib: {fix}, or write a .json")


def _profile(options: ProfileOptions, setting: Offline) -> Profile:
    model = _find(setting.repository.models, options.model)
    file = read_config(model.path, setting.machine.gpu)
    version = options.version or _served_version(model, file)
    if version not in model.versions:
        have = ", ".join(map(str, model.versions)) or "none"
        raise UsageError(f'model "{model.name}" has no version {version}; it has: {have}')
    opened = setting.opener.open(model, version, file)
    served = setting.loader.start(model, version, file, opened)
    config = opened.config
    requests = synthetic_requests(config, model.name)
    return Profile(
        model=model.name,
        version=version,
        provider=config.execution_provider or "cpu",
        slots=config.instance_count or 1,
        threads=config.intra_op_threads or 1,
        batched=config.batched,
        combined=config.combines_requests,
        figures=_measure(setting.engine, served, requests, config, options.seconds),
    )


def _find(models: Iterable[ModelFolder], name: str) -> ModelFolder:
    by_name = {model.name: model for model in models}
    if name in by_name:
        return by_name[name]
    have = ", ".join(list(by_name)[:10]) or "none"
    raise UsageError(
        f'there is no model "{name}".{suggestion(name, by_name)} The repository has: {have}'
    )


def _served_version(model: ModelFolder, file: ConfigFile) -> int:
    """The one that requests without a version go to."""
    if problem := missing_version(model):
        raise ConfigError([problem])
    return file.config.version_policy.choose(model.versions)[-1]


def _measure(
    engine: Engine, served: Version, requests: Synthetic, config: ModelConfig, seconds: float
) -> list[Figure]:
    most = config.max_batch_size or 1
    fitting = max(1, min(most, MAX_BYTES // max(1, requests.row_bytes)))
    sizes = list(bucket_sizes(fitting))
    message = lru_cache(maxsize=1)(requests.request)
    measurement = Measurement(
        lambda rows: engine.infer(served, message(rows)), lambda: served.latency
    )
    figures = measurement.measure(sizes, seconds, _progress)
    if sys.stderr.isatty():
        _say("")
    if figures[-1].rows < most:
        limits = f"--seconds {seconds:g} and requests of {MAX_BYTES >> 20} MiB"
        _say(f"batches of more than {figures[-1].rows} rows do not fit into {limits}")
    return figures


def _progress(number: int, rows: int) -> None:
    if sys.stderr.isatty():
        line = f"measuring: round {number + 1} of {ROUNDS}, batches of {rows}"
        print(f"\r{line:<60}", end="", file=sys.stderr, flush=True)
    elif number == 0:
        _say(f"measuring batches of {rows}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _write(made: Profile, out: Path) -> int:
    try:
        out.write_bytes(_rendered(made, out.suffix))
    except OSError as error:
        _say(f"error: cannot write {out}: {error.strerror}")
        return 1
    _say(f"wrote {out}")
    return 0


def _rendered(made: Profile, suffix: str) -> bytes:
    if suffix == ".json":
        return as_json(made).encode()
    from server.profiling.plot import plot  # only now: matplotlib is optional

    if suffix == ".png":
        return plot(made, "png")
    return page(made, plot(made, "svg").decode()).encode()
