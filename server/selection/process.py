"""Asks the worker process a Question."""

import json
import subprocess
import sys
import threading

from server.examine.environment import worker_environment
from server.selection.assessment import Assessment, Question


class AssessmentError(Exception):
    """One line: why the model could not be assessed."""


class Assessor:
    """One question at a time; stop() from another thread ends the one under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def ask(self, question: Question) -> Assessment:
        """Takes seconds. Raises AssessmentError."""
        with self._lock:
            if self._stopped:
                raise AssessmentError("the server is shutting down")
            process = self._process = _start()
        out, errors = process.communicate(question.to_json() + "\n")
        with self._lock:
            self._process = None
        last = out.strip().splitlines()[-1:]
        if process.returncode == 0 and last:
            return Assessment.from_json(last[0])
        raise AssessmentError(_why(last, errors, process.returncode))

    def stop(self) -> None:
        """No more questions."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()


def _start() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "server.selection.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=worker_environment(),
        start_new_session=True,  # Ctrl-C is the server's to handle
    )


def _why(last: list[str], errors: str, code: int) -> str:
    if last and code == 1:
        return str(json.loads(last[0])["error"])
    lines = errors.strip().splitlines()
    return f"the process that measures ended with {code}" + (f": {lines[-1]}" if lines else "")
