"""Fixtures shared by all tests: real server processes on free ports."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.server_process import ServerProcess

StartServer = Callable[..., ServerProcess]


@pytest.fixture
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """start_server(repo, *args) -> a ready ServerProcess, stopped when the test ends."""
    with ExitStack() as servers:

        def start(repo: Path | str, *args: str) -> ServerProcess:
            scratch = tmp_path_factory.mktemp("server")
            server = ServerProcess.start(repo, *args, scratch=scratch)
            servers.callback(server.close)
            return server

        yield start


@pytest.fixture(scope="session")
def model_repository() -> Path:
    """The models that ship with the project."""
    return Path(__file__).resolve().parents[1] / "model_repository"
