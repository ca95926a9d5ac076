"""After start-up: measures what serves on the safe provider, and lets the fastest one take over."""

import logging
import threading
from dataclasses import replace

from server.config.problem import ConfigError
from server.loader import Loader, Unassessed
from server.logs import fields
from server.opening import Opener
from server.registry import Registry
from server.selection.assessment import Assessment
from server.selection.assessments import Assessments
from server.selection.process import AssessmentError
from server.stopped import StoppedError
from server.truth.text import summary

_log = logging.getLogger(__name__)


class Takeover:
    """A thread that ends when nothing is left to measure."""

    def __init__(
        self, loader: Loader, opener: Opener, assessments: Assessments, registry: Registry
    ) -> None:
        self._loader = loader
        self._opener = opener
        self._assessments = assessments
        self._registry = registry
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="takeover", daemon=True)

    def start(self) -> None:
        """Once everything is loaded."""
        self._thread.start()

    def stop(self) -> None:
        """Ends what is under way; any thread."""
        self._stopped = True
        self._assessments.stop()

    def join(self, seconds: float) -> bool:
        """Whether it has ended."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped and (waiting := self._loader.take_unassessed()):
            try:
                self._settle(waiting, self._assessed(waiting))
            except StoppedError:
                return
            except (AssessmentError, ConfigError) as error:
                if not self._stopped:
                    _log.warning("%s stays on its provider: %s", waiting.question.model, error)
            except Exception:  # a fault of ours: what is served goes on being served
                _log.exception("selecting a provider for %s", waiting.question.model)

    def _assessed(self, waiting: Unassessed) -> Assessment:
        return self._assessments.make(
            waiting.key,
            waiting.question,
            lambda: self._opener.key(waiting.path, waiting.file),
        )

    def _settle(self, waiting: Unassessed, assessment: Assessment) -> None:
        entry = self._registry.find(waiting.model.name, waiting.version)
        if entry is None or entry.config is None:
            return
        current, selected = entry.config.execution_provider, assessment.selection.provider
        if selected == current:
            self._registry.put(replace(entry, assessment=assessment))
        else:
            self._loader.take_over(waiting, assessment)
        labels = fields(model=entry.model, version=entry.version, provider=selected)
        name = waiting.question.model
        if len(waiting.question.subjects) > 1:
            how = "stays" if selected == current else f"takes over from {current}"
            reason = assessment.selection.reason
            _log.info("%s: %s %s: %s", name, selected, how, reason, extra=labels)
        _log.info("%s", summary(assessment.truth), extra=labels)
