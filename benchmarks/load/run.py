"""Runs the native generator and reads what it measured."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks.tools import DEFAULT_BUILD, tool

MODEL_INFER = "/inference.GRPCInferenceService/ModelInfer"


class LoadError(RuntimeError):
    """The generator could not measure; the message is its own."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What to send. With `trace` the loop is open, else connections x streams calls are in flight.

    Fields are the generator's flags (`loadgen --help`); 0 and None leave one out.
    """

    target: str
    bodies: Sequence[Path] = ()
    path: str = MODEL_INFER
    connections: int = 1
    streams: int = 1
    threads: int = 1
    trace: Path | None = None
    record: Path | None = None
    duration_s: float | None = None
    requests: int = 0
    warmup_s: float = 1
    deadline_ms: float = 0
    judge_only: bool = False
    expect_bytes: int | None = None
    server_pid: int = 0

    def arguments(self) -> Iterator[str]:
        for body in self.bodies:
            yield f"--body={body}"
        if self.judge_only:
            yield "--judge-only"
        flags = {
            "target": self.target,
            "path": self.path,
            "connections": self.connections,
            "streams": self.streams,
            "threads": self.threads,
            "trace": self.trace,
            "record": self.record,
            "duration": self.duration_s,
            "requests": self.requests or None,
            "warmup": self.warmup_s,
            "deadline-ms": self.deadline_ms or None,
            "expect-bytes": self.expect_bytes,
            "server-pid": self.server_pid or None,
        }
        for name, value in flags.items():
            if value is not None:
                yield f"--{name}={value}"


@dataclass(frozen=True)
class LoadResult:
    """The generator's JSON object. Times are microseconds; `statuses` counts measured calls."""

    raw: dict[str, Any]

    @property
    def statuses(self) -> dict[str, int]:
        return dict(self.raw["statuses"])

    @property
    def ok_per_second(self) -> float:
        return float(self.raw["ok_per_second"])

    @property
    def all_ok(self) -> bool:
        """Something was measured and every answer had status OK."""
        return list(self.statuses) == ["OK"]

    @property
    def server_cpu_us(self) -> float:
        """CPU time of the server process per completed request; needs Load.server_pid."""
        return float(self.raw["server_cpu_us_per_request"])

    @property
    def first_message(self) -> str:
        """The grpc-message of some answer that had one, else ""."""
        return unquote(self.raw.get("first_message", ""))

    def latency_us(self, name: str) -> float:
        """`name`: mean, p50, p90, p95, p99, p99.9 or max, over the OK answers."""
        return float(self.raw["latency_us"][name])

    def require_ok(self) -> "LoadResult":
        """Itself; raises LoadError when an answer was not OK."""
        if not self.all_ok:
            lost = self.raw["connections_lost"]
            raise LoadError(
                f"expected only OK answers, got {self.statuses or 'none'}, "
                f"connections lost: {lost} {self.first_message}"
            )
        return self


def start(load: Load, build: Path = DEFAULT_BUILD, niceness: int = 0) -> subprocess.Popen[str]:
    """Starts the generator; pass the process to `finish`, or end it."""
    command = ["nice", "-n", str(niceness), str(tool("loadgen", build)), *load.arguments()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> LoadResult:
    """Waits for a started generator. Raises LoadError when it could not measure."""
    output, errors = process.communicate()
    if process.returncode != 0:
        raise LoadError(errors.strip() or f"loadgen ended with {process.returncode}")
    return LoadResult(json.loads(output))


def run(load: Load, build: Path = DEFAULT_BUILD) -> LoadResult:
    """Runs the generator to its end."""
    return finish(start(load, build))
