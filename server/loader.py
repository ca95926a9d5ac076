"""Acts on a plan: opens, completes, loads, warms up, publishes. A failed load leaves what is
served as it is and records why."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from server.config.problem import ConfigError, Problem
from server.config.read import ConfigFile, read_config
from server.engine import CoreError, Engine, Route, Version
from server.gpu_advice import explained
from server.labels import read_labels
from server.logs import fields
from server.opening import Opened, Opener
from server.preprocessing import preprocessing_of
from server.proving import Prover
from server.reconcile import Load, plan
from server.registry import Entry, Registry, State
from server.repository import ModelFolder, missing_version, scan
from server.routing import default_weights
from server.selection.assessment import Assessment, Question
from server.specification import model_spec
from server.stopped import StoppedError
from server.warming import warm_up

_log = logging.getLogger(__name__)


class Unassessed(NamedTuple):
    """A version that serves on the safe provider until the question is answered."""

    model: ModelFolder
    version: int
    file: ConfigFile
    key: str
    question: Question

    @property
    def path(self) -> Path:
        return Path(self.question.subjects[0].path)


class Loader:
    """Loads a repository into an engine. One thread at a time."""

    def __init__(
        self,
        engine: Engine,
        opener: Opener,
        prover: Prover,
        registry: Registry,
        gpu: bool,
    ) -> None:
        self._engine = engine
        self._opener = opener
        self._prover = prover
        self._registry = registry
        self._gpu = gpu
        self._cancelled = False
        self._unassessed: list[Unassessed] = []

    def cancel(self) -> None:
        """Any thread: load() raises StoppedError before its next step."""
        self._cancelled = True

    def load(self, root: Path) -> None:
        """Loads every model under `root`; raises RepositoryError or StoppedError."""
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
            entry = self._build(model, version, file)
        except ConfigError as error:
            self._reject(model.name, version, error)
        except StoppedError:
            raise
        except Exception as error:  # a fault of ours: the other models must serve all the same
            _log.exception("loading %s/%d", model.name, version)
            unexpected = file.problem(f"internal error: {error}", model.path)
            self._reject(model.name, version, ConfigError([unexpected]))
        else:
            self._registry.put(entry)

    def _build(self, model: ModelFolder, version: int, file: ConfigFile) -> Entry:
        opened = self._prover.open(model, version, file)
        for note in opened.notes:
            _log.info("%s/%d: %s", model.name, version, note, extra=fields(model=model.name))
        served = self.start(model, version, file, opened)
        if opened.key and opened.assessment is None:
            question = self._opener.question(model.name, version, file, opened)
            self._unassessed.append(Unassessed(model, version, file, opened.key, question))
        return _ready(model.name, version, opened, served)

    def take_unassessed(self) -> Unassessed | None:
        """The next version whose providers are not measured yet; None: there is no other."""
        return self._unassessed.pop(0) if self._unassessed else None

    def take_over(self, waiting: Unassessed, assessment: Assessment) -> None:
        """Serves a version with the provider that was selected for it, and then no longer with
        the one before, which answers what it has accepted. Raises ConfigError."""
        model, version, file = waiting.model, waiting.version, waiting.file
        opened = self._opener.open(model, version, file, assessment)
        if opened.key != waiting.key:
            changed = Problem(opened.path, "it has changed since it was loaded")
            raise ConfigError([changed])
        served = self.start(model, version, file, opened)
        before = self._registry.find(model.name, version)
        if before is not None and before.served is not None:
            served.continue_statistics(before.served)
        self._registry.put(_ready(model.name, version, opened, served))
        self._publish()

    def start(self, model: ModelFolder, version: int, file: ConfigFile, opened: Opened) -> Version:
        """Slots and queue for an opened version, warmed up; raises ConfigError."""
        labels = read_labels(model, version, file, opened.config)
        preprocessing = preprocessing_of(model, version, file, opened.config)
        spec = model_spec(preprocessing, model.name, version, labels)
        try:
            served = self._engine.load(opened.session, spec)
        except CoreError as error:
            raise ConfigError([Problem(opened.path, explained(error.message))]) from None

        def infer(request: bytes) -> None:
            self._stop_if_cancelled()
            self._engine.infer(served, request)

        warm_up(model, opened, file, infer)
        served.forget_warm_up()
        return served

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
            raise StoppedError


def _ready(model: str, version: int, opened: Opened, served: Version) -> Entry:
    return Entry(model, version, State.READY, "", opened.config, served, opened.assessment)


def _by_model(actions: Iterable[object]) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = defaultdict(list)
    for action in actions:
        if isinstance(action, Load):
            grouped[action.model].append(action.version)
    return grouped


def _route(name: str, versions: dict[int, Version]) -> Route:
    weights = default_weights(versions)
    return Route(name, [(versions[number], weight) for number, weight in weights.items()])
