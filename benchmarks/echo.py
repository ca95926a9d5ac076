"""The yardstick: a bare nghttp2 loop that sends each message back."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.pinning import Cores, on
from benchmarks.tools import DEFAULT_BUILD, tool


class Echo:
    """benchmarks/echo on a free port of 127.0.0.1, until the end of the `with` block."""

    def __init__(self, build: Path = DEFAULT_BUILD, cores: Cores | None = None) -> None:
        command = [str(tool("echo", build)), "--port", "0"]
        with on(cores):
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.target = f"127.0.0.1:{int(self._process.stdout.readline())}"
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
