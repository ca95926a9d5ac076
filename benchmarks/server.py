"""The real server, in a process of its own, on free ports."""

from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.pinning import Cores, on
from tests.server_process import ServerProcess


class BenchServer:
    """`python -m server` on `repository`, until the end of the `with` block.

    Raises ServerFailedError, with the log, when it does not start or not stop.
    """

    def __init__(self, repository: Path, folder: Path, cores: Cores | None = None) -> None:
        scratch = folder / "server"
        scratch.mkdir()
        with on(cores):
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
        try:
            self._process.stop()
        finally:
            self._process.close(show_log=error is not None)
