"""The native host (csrc/engine/host_main.cc) as a process under a sanitizer."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from server.onnxruntime_locator import locate

# For a process that is stuck; a sanitizer makes everything some ten times slower.
LIMIT_S = 300.0
REPORTS = (
    "AddressSanitizer",
    "LeakSanitizer",
    "ThreadSanitizer",
    "UndefinedBehaviorSanitizer",
    "runtime error:",
)
# ONNX Runtime is not instrumented: its own accesses are not to be judged.
SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1:ignore_noninstrumented_modules=1",
}


class HostFailedError(Exception):
    """The host ended wrongly; the message holds what it printed."""


class Host:
    """Serves `models` ("name" or "name:max_batch" -> file) until terminate()."""

    def __init__(self, program: Path, models: Mapping[str, Path], scratch: Path) -> None:
        command = [str(program), str(locate().path)]
        for name, path in models.items():
            label, _, batch = name.partition(":")
            command.append(f"{label}={path}:{batch}" if batch else f"{label}={path}")
        self._log = scratch / "host.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **SANITIZERS},
            )
        assert self._process.stdout is not None
        port = self._process.stdout.readline()
        if not port.strip():
            self.finish()
        self.address = f"127.0.0.1:{port.strip()}"

    def terminate(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def finish(self) -> str:
        """Waits for the end; raises HostFailedError unless it was clean. Returns the output."""
        try:
            output, _ = self._process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise self._failed(f"did not end within {LIMIT_S:.0f} s of SIGTERM", "") from None
        errors = self._log.read_text(errors="replace")
        if self._process.returncode != 0:
            raise self._failed(f"ended with {self._process.returncode}", output)
        if any(report in errors for report in REPORTS):
            raise self._failed("has findings", output)
        if "dropped 0" not in output.splitlines():
            raise self._failed("dropped requests unanswered", output)
        return output

    def _failed(self, what: str, output: str) -> HostFailedError:
        errors = self._log.read_text(errors="replace")
        return HostFailedError(f"the host {what}\n{output}\n{errors}")
