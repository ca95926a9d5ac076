"""Assessments of this machine's models: those known already, and how to make others."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from server.config.spec import ModelConfig, Provider, ProviderChoice
from server.machine import Machine
from server.selection.assessment import Assessment, Question
from server.selection.fingerprint import fingerprint, machine_text
from server.selection.process import AssessmentError, Assessor
from server.selection.store import Store

if TYPE_CHECKING:
    from server.engine import Runtime


class Assessments:
    """Any thread; one question at a time."""

    def __init__(self, cache: Path, runtime: "Runtime", machine: Machine) -> None:
        self.cache = cache
        self._store = Store(cache)
        self._assessor = Assessor()
        self._providers: Sequence[str] = runtime.providers
        self._runtime = f"{runtime.version} ({', '.join(runtime.providers)})"
        self._machine = machine
        self._machine_text = machine_text(machine.cores)

    def providers(self, choice: ProviderChoice) -> list[Provider]:
        """Those to try, the safe one first; one that was chosen is the only one."""
        if choice != "auto":
            return [choice]
        safe = safe_provider(self._machine)
        known: tuple[Provider, ...] = ("cpu", "openvino", "cuda", "tensorrt")
        return [safe, *(each for each in known if each in self._providers and each != safe)]

    def key(self, path: Path, written: ModelConfig, choice: ProviderChoice) -> str:
        """What an assessment is kept under. Raises OSError."""
        providers = self.providers(choice)
        return fingerprint(path, written, providers, self._runtime, self._machine_text)

    def find(self, key: str) -> Assessment | None:
        return self._store.find(key) if key else None

    def make(self, key: str, question: Question, key_now: Callable[[], str]) -> Assessment:
        """Measures, and keeps the answer. Takes seconds. `key_now`: what the key would be after
        that. Raises AssessmentError, or StoppedError after stop()."""
        assessment = self._assessor.ask(question)
        if key_now() != key:
            raise AssessmentError("its model file has changed since it was loaded")
        self._store.put(key, assessment)
        return assessment

    def stop(self) -> None:
        """Ends what is under way."""
        self._assessor.stop()


def safe_provider(machine: Machine) -> Provider:
    """What runs every model here without having been measured."""
    return "cuda" if machine.gpu else "cpu"
