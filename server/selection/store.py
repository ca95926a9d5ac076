"""Assessments on disk, one file each, by fingerprint."""

import logging
import tempfile
from pathlib import Path

from server.selection.assessment import Assessment

_log = logging.getLogger(__name__)


class Store:
    """A folder that is made when something is to be kept. Where it cannot be written, nothing is
    kept: every start measures again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "assessments"

    def find(self, key: str) -> Assessment | None:
        """None: not measured yet, or the file is not what put() wrote."""
        path = self._path(key)
        try:
            return Assessment.from_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("%s is not used: %s", path, error)
            return None

    def put(self, key: str, assessment: Assessment) -> None:
        """Whole or not at all, so that servers may share the folder."""
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                written = Path(folder) / path.name
                written.write_text(assessment.to_json(), encoding="utf-8")
                written.replace(path)
        except OSError as error:
            _log.warning(
                "what was measured is not kept for the next start: %s: %s (--cache-dir)",
                self._folder,
                error.strerror,
            )

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"
