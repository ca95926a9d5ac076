"""Servers that a whole module or the whole session shares: start-up is quick, but not free."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.client import Client
from tests.e2e.repositories import triton_repository, zoo
from tests.server_process import ServerProcess

Serve = Callable[..., ServerProcess]


def _serve(factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with ExitStack() as servers:

        def serve(repo: Path, *args: str) -> ServerProcess:
            server = ServerProcess.start(repo, *args, scratch=factory.mktemp("server"))
            servers.callback(server.close)
            return server

        yield serve


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """serve(repo, *args) -> a ready server that lives as long as the test module."""
    yield from _serve(tmp_path_factory)


@pytest.fixture(scope="session")
def zoo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Serves repositories.zoo(); tests must leave it as they found it but for its counters."""
    for serve in _serve(tmp_path_factory):
        yield serve(zoo(tmp_path_factory.mktemp("zoo")))


@pytest.fixture(scope="session")
def triton_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Serves repositories.triton_repository()."""
    for serve in _serve(tmp_path_factory):
        yield serve(triton_repository(tmp_path_factory.mktemp("triton")))


@pytest.fixture
def zoo_client(zoo_server: ServerProcess) -> Iterator[Client]:
    with Client(zoo_server.grpc) as client:
        yield client


@pytest.fixture
def triton_client(triton_server: ServerProcess) -> Iterator[Client]:
    with Client(triton_server.grpc) as client:
        yield client
