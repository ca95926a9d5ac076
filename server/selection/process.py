"""Asks the worker process a Question."""

import json
import subprocess
import tempfile
import threading

from server.examine.environment import start_worker
from server.selection.assessment import Assessment, Question
from server.stopped import StoppedError

LONGEST_S = 600.0  # a provider that hangs must not block what waits for the answer


class AssessmentError(Exception):
    """One line: why the model could not be assessed."""


class Assessor:
    """One question at a time; stop() from another thread ends the one under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def ask(self, question: Question) -> Assessment:
        """Takes seconds. Raises AssessmentError, or StoppedError after stop()."""
        with tempfile.TemporaryDirectory(prefix="skein-assess-") as folder:
            with self._lock:
                if self._stopped:
                    raise StoppedError
                module = "server.selection.worker"
                process = self._process = start_worker(module, subprocess.PIPE, folder)
            try:
                out, errors = process.communicate(question.to_json().encode() + b"\n", LONGEST_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                raise AssessmentError(f"not measured within {LONGEST_S:.0f} s") from None
            finally:
                with self._lock:
                    self._process = None
        if self._stopped:
            raise StoppedError
        last = out.decode().strip().splitlines()[-1:]
        if process.returncode == 0 and last:
            return Assessment.from_json(last[0])
        raise AssessmentError(_why(last, errors.decode(errors="replace"), process.returncode))

    def stop(self) -> None:
        """No more questions."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()


def _why(last: list[str], errors: str, code: int) -> str:
    if last and code == 1:
        return str(json.loads(last[0])["error"])
    lines = errors.strip().splitlines()
    return f"the process that measures ended with {code}" + (f": {lines[-1]}" if lines else "")
