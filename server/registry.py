"""What is served, what is loading and what failed: the control plane's only shared state."""

import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from server.config.spec import ModelConfig
from server.selection.assessment import Assessment
from server.truth.report import TruthReport

if TYPE_CHECKING:
    from server.engine import Version


class State(StrEnum):
    """Triton's names in RepositoryIndex."""

    LOADING = "LOADING"
    READY = "READY"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True)
class Entry:
    """One version of a model; version None: the model failed before versions were known."""

    model: str
    version: int | None
    state: State
    reason: str = ""
    config: ModelConfig | None = None  # completed
    served: "Version | None" = None
    assessment: Assessment | None = None  # None: not known yet

    @property
    def truth(self) -> TruthReport | None:
        """How the provider that serves it runs it."""
        return None if self.assessment is None else self.assessment.truth


class Registry:
    """Entries by model and version. Any thread may read; the loader writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, int | None], Entry] = {}
        self._loaded = False
        self._draining = False

    def put(self, entry: Entry) -> None:
        with self._lock:
            self._entries[(entry.model, entry.version)] = entry

    def fail(self, model: str, version: int | None, reason: str) -> None:
        """Records a failed load; a version that is being served goes on serving."""
        with self._lock:
            old = self._entries.get((model, version))
            if old is not None and old.state is State.READY:
                self._entries[(model, version)] = replace(old, reason=reason)
            else:
                failed = Entry(model, version, State.UNAVAILABLE, reason)
                self._entries[(model, version)] = failed

    def entries(self) -> list[Entry]:
        """All entries, by model and version."""
        with self._lock:
            found = list(self._entries.values())
        return sorted(found, key=lambda entry: (entry.model, entry.version or 0))

    def ready(self) -> list[Entry]:
        """The versions that are served."""
        return [entry for entry in self.entries() if entry.state is State.READY]

    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries() if entry.state is State.UNAVAILABLE]

    def find(self, model: str, version: int | None) -> Entry | None:
        """A served version of `model`; None asks for the one unversioned requests go to."""
        served = [entry for entry in self.ready() if entry.model == model]
        if version is None:
            return served[-1] if served else None
        return next((entry for entry in served if entry.version == version), None)

    def mark_loaded(self) -> None:
        """Start-up loading has ended: every version is ready or failed."""
        self._loaded = True

    def mark_draining(self) -> None:
        self._draining = True

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def server_ready(self) -> bool:
        """Whether load balancers should send requests here."""
        return self._loaded and not self._draining
