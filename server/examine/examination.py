"""The worker process seen from outside."""

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from server.examine.arrays import Array, load, save
from server.examine.environment import start_worker
from server.examine.subject import Subject


class ExaminationError(Exception):
    """One line: what the provider or the runtime said, or that the worker died."""


class Examination:
    """A subject in a worker process of its own. A context manager; every method raises
    ExaminationError. close() may be called from another thread: what is under way then fails."""

    def __init__(self, subject: Subject, *, nice: int = 0) -> None:
        """Opens the file. `nice`: how much lower the worker's priority is than ours."""
        self.subject = subject
        self._folder = tempfile.TemporaryDirectory(prefix="skein-examine-")
        self._errors = (Path(self._folder.name) / "stderr").open("w+b")
        folder = self._folder.name
        self._process = start_worker("server.examine.worker", self._errors.fileno(), folder)
        try:
            os.setpriority(os.PRIO_PROCESS, self._process.pid, os.nice(0) + nice)
            described = self._ask(subject.to_json())
        except BaseException:
            self.close()
            raise
        self.inputs: list[dict[str, Any]] = described["inputs"]
        self.outputs: list[dict[str, Any]] = described["outputs"]

    @property
    def pid(self) -> int:
        """The worker's."""
        return self._process.pid

    def time(self, rows: int, seconds: float) -> list[int]:
        """Nanoseconds of each run of a synthetic batch, `subject.slots` at a time, for so long."""
        return list(self._do("time", rows=rows, seconds=seconds))

    def profile(self, rows: int) -> list[dict[str, Any]]:
        """ONNX Runtime's profile events of the nodes of one run."""
        return list(self._do("profile", rows=rows))

    def layers(self, rows: int) -> list[dict[str, Any]]:
        """OpenVINO's own layers of one run: name, implementation, type, status, microseconds."""
        return list(self._do("layers", rows=rows))

    def outputs_of(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """One run; arrays by input, batch dimension included."""
        given = Path(self._folder.name) / "inputs.npz"
        save(given, arrays)
        return self._run("run", arrays=str(given))

    def synthetic_outputs(self, rows: int) -> dict[str, Array]:
        """One run of the data that time() uses: the same for every provider."""
        return self._run("run_synthetic", rows=rows)

    def close(self) -> None:
        """Ends the worker at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # an unsent command is of no use any more
                    stream.close()
        self._errors.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, command: str, **arguments: Any) -> dict[str, Array]:
        out = Path(self._folder.name) / "outputs.npz"
        self._do(command, out=str(out), **arguments)
        return load(out)

    def _do(self, command: str, **arguments: Any) -> Any:
        return self._ask(json.dumps({"do": command, **arguments}))

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except (OSError, ValueError):  # ValueError: closed by another thread
            answer = b""
        if not answer:
            raise ExaminationError(self._obituary())
        reply = json.loads(answer)
        if "error" in reply:
            raise ExaminationError(reply["error"])
        return reply["result"]

    def _obituary(self) -> str:
        code = self._process.wait()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        last = ""
        if not self._errors.closed:
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines()
            last = f": {lines[-1]}" if lines else ""
        provider = self.subject.provider
        return f"the process that ran {self.subject.path} on {provider} ended ({how}){last}"
