"""A server in a process of its own, as an operator starts it.

Free ports, a ready file to learn them from, and the log kept for whoever has to explain a failure.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Bounds for a machine under heavy load; nothing is asserted about them.
START_LIMIT_S = 120.0
STATE_LIMIT_S = 60.0
STOP_LIMIT_S = 60.0
POLL_S = 0.02


class ServerFailedError(RuntimeError):
    """The server ended or stayed silent instead of doing what was asked; has its log."""


class ServerProcess:
    """`python -m server` serving `repo`. Start it with `start`, or `launch` to see it not start."""

    def __init__(self, process: subprocess.Popen[bytes], ready_file: Path, log_file: Path) -> None:
        self.process = process
        self._ready_file = ready_file
        self._log_file = log_file
        self._pidfd = os.pidfd_open(process.pid)
        self._addresses: dict[str, str] = {}

    @classmethod
    def launch(cls, repo: Path | str, *args: str, scratch: Path) -> "ServerProcess":
        """Starts the process without waiting until it serves. `scratch` is an empty folder.

        Models without a provider of their own run on the CPU's and are not measured, unless
        `args` say otherwise: tests must not depend on what is fastest here.
        """
        ready_file, log_file = scratch / "ready.json", scratch / "server.log"
        command = [sys.executable, "-m", "server", "--repo", str(repo)]
        command += ["--grpc-port", "0", "--http-port", "0", "--ready-file", str(ready_file)]
        command += ["--execution-provider", "cpu", "--no-assess"]
        command += ["--cache-dir", str(scratch / "cache"), *args]
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        return cls(process, ready_file, log_file)

    @classmethod
    def start(cls, repo: Path | str, *args: str, scratch: Path) -> "ServerProcess":
        """Starts the process and returns once every model is ready.

        Raises ServerFailedError with the server's log when it ends first.
        """
        server = cls.launch(repo, *args, scratch=scratch)
        try:
            server.wait_ready()
        except BaseException:
            server.close()
            raise
        return server

    @property
    def grpc(self) -> str:
        """host:port of the gRPC listener."""
        return self._addresses["grpc"]

    @property
    def http(self) -> str:
        """host:port of the metrics and health listener."""
        return self._addresses["http"]

    @property
    def pid(self) -> int:
        return self.process.pid

    def log(self) -> str:
        """Everything the server printed so far."""
        return self._log_file.read_text(errors="replace")

    def wait_ready(self) -> None:
        """Returns when the ready file is complete; raises when the process ends before that."""
        self._wait("write its ready file", START_LIMIT_S, self._read_ready_file)

    def wait_for_log(self, words: str) -> None:
        """Returns when the log contains `words`; raises when the process ends before that."""
        self._wait(f"print {words!r}", START_LIMIT_S, lambda: words in self.log())

    def wait_until(self, state: str, reached: Callable[[], bool]) -> None:
        """Returns once `reached()`; raises when the process ends before that or a generous bound
        has passed."""
        self._wait(f"come to where {state}", STATE_LIMIT_S, reached)

    def wait_exit(self) -> int:
        """The exit code, once the process has ended by itself."""
        return self.process.wait(STOP_LIMIT_S)

    def stop(self) -> int:
        """Sends SIGTERM, waits for the drain, and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.wait_exit()
        except subprocess.TimeoutExpired:
            raise self._failure(f"did not end within {STOP_LIMIT_S:.0f} s of SIGTERM") from None

    def close(self, show_log: bool = True) -> None:
        """Ends the process if it still runs. Its log goes to stderr, which pytest shows when a
        test fails."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
            if show_log:
                end = f"exit code {self.process.returncode}"
                print(f"--- log of server {self.pid} ({end})\n{self.log()}", file=sys.stderr)

    def _read_ready_file(self) -> bool:
        try:
            self._addresses = json.loads(self._ready_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return True

    def _wait(self, action: str, limit_s: float, done: Callable[[], bool]) -> None:
        """Looks again every POLL_S, or at once when the process ends."""
        deadline = time.monotonic() + limit_s
        while not done():
            ended = select.select([self._pidfd], [], [], POLL_S)[0]
            if ended and not done():
                self.process.wait()
                raise self._failure(f"ended with {self.process.returncode}, did not {action}")
            if time.monotonic() > deadline:
                raise self._failure(f"did not {action} within {limit_s:.0f} s")

    def _failure(self, what: str) -> ServerFailedError:
        return ServerFailedError(f"server {self.pid} {what}; its log:\n{self.log()}")
