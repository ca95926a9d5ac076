"""Loads real models into a real engine that listens nowhere."""

from pathlib import Path

import onnx

from server.engine import Engine, EngineOptions, Runtime
from server.loader import Loader
from server.machine import inspect
from server.onnxruntime_locator import locate
from server.opening import Opener
from server.proving import Prover
from server.registry import Registry, State
from server.selection.assessments import Assessments


class Serving:
    """An engine that listens nowhere, and what was loaded into it."""

    def __init__(self, repository: Path) -> None:
        runtime = Runtime(str(locate().path))
        self.repository = repository
        self.registry = Registry()
        self.engine = Engine(EngineOptions())
        machine = inspect(runtime.providers)
        self.cache = repository.with_name(repository.name + "-cache")
        assessments = Assessments(self.cache, runtime, machine)
        opener = Opener(runtime, machine, assessments)
        prover = Prover(opener, assessments)
        self.loader = Loader(self.engine, opener, prover, self.registry, machine.gpu)

    def add(self, name: str, model: onnx.ModelProto, version: int = 1, **files: str) -> Path:
        """Writes a model and its files (yaml=..., pbtxt=...)."""
        folder = self.repository / name
        (folder / str(version)).mkdir(parents=True)
        onnx.save(model, folder / str(version) / "model.onnx")
        names = {"yaml": "model.yaml", "pbtxt": "config.pbtxt"}
        for kind, text in files.items():
            (folder / names[kind]).write_text(text)
        return folder

    def load(self) -> dict[str, tuple[State, str]]:
        """Loads everything: "model/version" -> state and reason."""
        self.loader.load(self.repository)
        return {
            f"{entry.model}/{entry.version}": (entry.state, entry.reason)
            for entry in self.registry.entries()
        }
