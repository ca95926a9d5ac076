"""The real server, in a process of its own, on free ports."""

from pathlib import Path
from types import TracebackType
from typing import Self

from tests.server_process import ServerProcess


class BenchServer:
    """`python -m server` on `repository`, until the end of the `with` block."""

    def __init__(self, repository: Path, folder: Path) -> None:
        scratch = folder / "server"
        scratch.mkdir()
        self._process = ServerProcess.start(repository, scratch=scratch)
        self.target = self._process.grpc
        self.http = self._process.http
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.stop()
