"""The load generator against the real server: what it counts is what happened."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import counts
from benchmarks.load import Load, LoadResult, run
from benchmarks.models import BenchModel
from tests import graphs
from tests.e2e.conftest import Serve
from tests.server_process import ROOT, ServerProcess

MODEL = BenchModel("identity", graphs.identity(), 16, 16, 64)
REPLY_TENSOR_BYTES = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load")


@pytest.fixture(scope="module")
def server(serve: Serve, folder: Path) -> ServerProcess:
    graphs.write_model(folder / "repository", MODEL.name, MODEL.graph, config=MODEL.config())
    return serve(folder / "repository", "--unix-socket", str(folder / "socket"))


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "request.bin"
    path.write_bytes(MODEL.request())
    return path


def cli(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.load", "--target", server.grpc, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def send(
    server: ServerProcess, bodies: list[Path], requests: int, **settings: object
) -> LoadResult:
    load = {"target": server.grpc, "bodies": bodies, "requests": requests, "warmup_s": 0}
    return run(Load(**{**load, **settings}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "loop",
    [
        ["--connections=4", "--streams=8", "--threads=2"],
        ["--connections=3", "--rate=2000"],
        ["--rate=2000", "--arrivals=constant"],
    ],
    ids=["closed", "poisson", "constant"],
)
def test_counts_every_request_and_the_server_agrees(server: ServerProcess, loop: list[str]) -> None:
    before = counts.fetch(server.grpc, MODEL.name)
    done = cli(server, "--model=identity", "--requests=500", "--warmup=0", "--json", *loop)
    assert done.returncode == 0, done.stderr
    result = LoadResult(json.loads(done.stdout))
    counted = counts.fetch(server.grpc, MODEL.name) - before
    assert result.statuses == {"OK": 500}
    # The command line sends one request of its own first, to see that it works.
    assert (counted.success, counted.fail) == (result.raw["sent_total"] + 1, 0)
    assert result.raw["ok_total"] == result.raw["sent_total"]


def test_prints_a_table_with_latency_and_server_cpu(server: ServerProcess) -> None:
    arguments = ["--requests=200", "--batch=3", f"--server-pid={server.pid}"]
    done = cli(server, "--model=identity", *arguments)
    assert done.returncode == 0, done.stderr
    for words in ("OK per second", "latency p99.9 (us)", "server CPU (us/request)"):
        assert words in done.stdout


def test_counts_statuses_by_code_and_keeps_a_message(
    server: ServerProcess, body: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(body.read_bytes().replace(b"identity", b"identify"))
    result = send(server, [body, broken], 10)
    assert result.statuses == {"OK": 5, "NOT_FOUND": 5}
    assert "identify" in result.first_message


def test_an_expired_deadline_is_counted_as_such(server: ServerProcess, body: Path) -> None:
    result = send(server, [body], 5, deadline_ms=0.001)
    assert result.statuses == {"DEADLINE_EXCEEDED": 5}


def test_a_reply_of_another_size_is_not_ok(server: ServerProcess, body: Path) -> None:
    result = send(server, [body], 5, expect_bytes=REPLY_TENSOR_BYTES)
    assert result.statuses == {"BAD_REPLY": 5}


def test_loads_a_unix_socket(server: ServerProcess, body: Path, folder: Path) -> None:
    result = send(server, [body], 5, target=f"unix:{folder / 'socket'}")
    assert result.statuses == {"OK": 5}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model=nothing"], "nothing"),
        (["--model=identity", "--shape=X:1,16"], "the inputs are INPUT0"),
        (["--model=identity", "--shape=INPUT0:1,15"], "INVALID_ARGUMENT"),
        (["--model=identity", "--threads=2"], "every thread needs a connection"),
        (["--model=identity", "--target=127.0.0.1:1"], "127.0.0.1:1"),
        (["--model=identity", "--build=nowhere"], "make setup"),
    ],
)
def test_says_what_is_wrong(server: ServerProcess, arguments: list[str], words: str) -> None:
    done = cli(server, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
