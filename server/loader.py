"""Acts on a plan: opens, completes, loads, warms up, publishes. A failed load leaves what is
served as it is and records why."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile, read_config
from server.config.spec import ModelConfig
from server.engine import CoreError, Engine, Route, Version
from server.logs import fields
from server.opening import Opened, Opener, model_spec
from server.reconcile import Load, plan
from server.registry import Entry, Registry, State
from server.repository import ModelFolder, missing_version, scan
from server.routing import default_weights
from server.seeding import SeedingError, seed, synthetic_requests
from server.warmup import WarmupError, build_request

_log = logging.getLogger(__name__)


class LoadCancelledError(Exception):
    """Loading was told to end."""


class Loader:
    """Loads a repository into an engine. One thread at a time."""

    def __init__(self, engine: Engine, opener: Opener, registry: Registry, gpu: bool) -> None:
        self._engine = engine
        self._opener = opener
        self._registry = registry
        self._gpu = gpu
        self._cancelled = False

    def cancel(self) -> None:
        """Any thread: load() raises LoadCancelledError before its next step."""
        self._cancelled = True

    def load(self, root: Path) -> None:
        """Loads every model under `root`; raises RepositoryError or LoadCancelledError."""
        repository = scan(root)
        for problem in repository.problems:
            self._reject(problem.path.stem, None, ConfigError([problem]))
        models = {model.name: model for model in repository.models}
        files = self._read_all(repository.models)
        desired = {
            (name, version): ""
            for name, file in files.items()
            for version in file.config.version_policy.choose(models[name].versions)
        }
        actions = plan(desired, {})
        for action in actions:
            self._registry.put(Entry(action.model, action.version, State.LOADING))
        self._publish()
        for name, versions in _by_model(actions).items():
            for version in versions:
                self._load_version(models[name], version, files[name])
            self._publish()

    def _read_all(self, models: Iterable[ModelFolder]) -> dict[str, ConfigFile]:
        """The configuration of every model that has a readable one and a version."""
        files = {}
        for model in models:
            try:
                file = read_config(model.path, self._gpu)
                if problem := missing_version(model):
                    raise ConfigError([problem])
            except ConfigError as error:
                self._reject(model.name, None, error)
                continue
            for warning in file.warnings:
                _log.warning("%s", warning, extra=fields(model=model.name))
            files[model.name] = file
        return files

    def _load_version(self, model: ModelFolder, version: int, file: ConfigFile) -> None:
        self._stop_if_cancelled()
        try:
            config, served = self._build(model, version, file)
        except ConfigError as error:
            self._reject(model.name, version, error)
        except LoadCancelledError:
            raise
        except Exception as error:  # a fault of ours: the other models must serve all the same
            _log.exception("loading %s/%d", model.name, version)
            unexpected = file.problem(f"internal error: {error}", model.path)
            self._reject(model.name, version, ConfigError([unexpected]))
        else:
            self._registry.put(Entry(model.name, version, State.READY, "", config, served))

    def _build(
        self, model: ModelFolder, version: int, file: ConfigFile
    ) -> tuple[ModelConfig, Version]:
        opened = self._opener.open(model, version, file)
        for note in opened.notes:
            _log.info("%s/%d: %s", model.name, version, note, extra=fields(model=model.name))
        return opened.config, self.start(model, version, file, opened)

    def start(self, model: ModelFolder, version: int, file: ConfigFile, opened: Opened) -> Version:
        """Slots and queue for an opened version, warmed up; raises ConfigError."""
        if opened.config.require_int8:
            from server.truth.requirement import check_int8  # only now: it needs numpy

            check_int8(f"{model.name}/{version}", opened.config, opened.path, file)
        spec = model_spec(opened.config, model.name, version)
        try:
            served = self._engine.load(opened.session, spec)
        except CoreError as error:
            raise ConfigError([Problem(opened.path, error.message)]) from None
        self._warm_up(model, served, opened.config, file)
        self._seed(model.name, served, opened.config)
        served.forget_warm_up()
        return served

    def _warm_up(
        self, model: ModelFolder, served: Version, config: ModelConfig, file: ConfigFile
    ) -> None:
        for number, sample in enumerate(config.warmup):
            try:
                request = build_request(config, sample, model.name, model.path / "warmup")
                for _ in range(sample.count):
                    self._stop_if_cancelled()
                    self._engine.infer(served, request)
            except (WarmupError, CoreError) as error:
                reason = error.message if isinstance(error, CoreError) else str(error)
                message = f'warm-up "{sample.name}": {reason}'
                at = ("warmup", number)
                raise ConfigError([file.problem(message, model.path, at)]) from None

    def _seed(self, model: str, served: Version, config: ModelConfig) -> None:
        """A model that cannot take synthetic data is served all the same: it learns later."""

        def infer(request: bytes) -> None:
            self._stop_if_cancelled()
            self._engine.infer(served, request)

        try:
            seed(synthetic_requests(config, model), config.max_batch_size or 1, infer)
        except (SeedingError, CoreError) as error:
            reason = error.message if isinstance(error, CoreError) else str(error)
            _log.debug("%s: latency is not measured at load: %s", model, reason)

    def _publish(self) -> None:
        """Makes the registry's ready versions the routing table; of a model that has none,
        requests are told why."""
        served: dict[str, dict[int, Version]] = defaultdict(dict)
        reasons: dict[str, str] = {}
        for entry in self._registry.entries():
            if entry.version is not None and entry.served is not None:
                served[entry.model][entry.version] = entry.served
            else:
                reasons[entry.model] = entry.reason or "loading"
        routes = [_route(name, versions) for name, versions in served.items()]
        routes += [Route(name, [], why) for name, why in reasons.items() if name not in served]
        self._engine.publish(routes)

    def _reject(self, model: str, version: int | None, error: ConfigError) -> None:
        reason = "; ".join(str(problem) for problem in error.problems).replace("\n", " ")
        self._registry.fail(model, version, reason)
        label = model if version is None else f"{model}/{version}"
        _log.error("rejected %s: %s", label, reason, extra=fields(model=model, version=version))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise LoadCancelledError


def _by_model(actions: Iterable[object]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = defaultdict(list)
    for action in actions:
        if isinstance(action, Load):
            grouped[action.model].append(action.version)
    return grouped


def _route(name: str, versions: dict[int, Version]) -> Route:
    weights = default_weights(versions)
    return Route(name, [(versions[number], weight) for number, weight in weights.items()])
