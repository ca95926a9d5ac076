"""The load generator against the real server: what it counts is what happened."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import counts
from benchmarks.echo import Echo
from benchmarks.load import Load, LoadResult, replay, run, trace
from benchmarks.load.record import RECORD_DTYPE
from benchmarks.models import BenchModel
from tests import graphs
from tests.e2e.conftest import Serve
from tests.server_process import ROOT, ServerProcess

MODEL = BenchModel("identity", graphs.identity(), 16, 16, 64)
SLOW = BenchModel("slow", graphs.slow(), 2048, 2048, 8)  # takes over 5 ms
REPLY_TENSOR_BYTES = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load")


@pytest.fixture(scope="module")
def server(serve: Serve, folder: Path) -> ServerProcess:
    for model in (MODEL, SLOW):
        graphs.write_model(folder / "repository", model.name, model.graph, config=model.config())
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
    ("loop", "sent"),
    [
        (["--requests=500", "--connections=4", "--streams=8", "--threads=2"], None),
        (["--rate=2000", "--duration=0.25", "--connections=3", "--arrivals=poisson"], None),
        (["--rate=2000", "--duration=0.25", "--arrivals=constant"], 500),
    ],
    ids=["closed", "poisson", "constant"],
)
def test_counts_every_request_and_the_server_agrees(
    server: ServerProcess, loop: list[str], sent: int | None
) -> None:
    before = counts.fetch(server.grpc, MODEL.name)
    done = cli(server, "--model=identity", "--warmup=0", "--json", *loop)
    assert done.returncode == 0, done.stderr
    result = LoadResult(json.loads(done.stdout))
    counted = counts.fetch(server.grpc, MODEL.name) - before
    assert result.statuses == {"OK": sent or result.raw["ok"]}
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


@pytest.mark.parametrize("threads", [1, 2])
def test_a_trace_is_replayed_row_by_row(
    server: ServerProcess, body: Path, tmp_path: Path, threads: int
) -> None:
    slow = tmp_path / "slow.bin"
    slow.write_bytes(SLOW.request())
    rows = np.array([(0, 0, 0), (0, 9_000_000, 1), (3_000_000, 0, 0)], trace.TRACE_DTYPE)
    before = [counts.fetch(server.grpc, model.name) for model in (MODEL, SLOW)]
    load = Load(target=server.grpc, bodies=[body, slow], connections=2, threads=threads, warmup_s=0)
    result, record = replay(load, rows)
    assert record.rows["scheduled"].tolist() == rows["offset_ns"].tolist()
    for column in ("deadline_us", "body"):
        assert record.rows[column].tolist() == rows[column].tolist()
    assert (record.rows["scheduled"] <= record.rows["sent"]).all()
    assert (record.rows["sent"] < record.rows["done"]).all()
    assert record.rows["in_time"].all()
    assert record.statuses() == result.statuses == {"OK": 3}
    counted = [counts.fetch(server.grpc, model.name) for model in (MODEL, SLOW)]
    ran = [now.success - then.success for now, then in zip(counted, before, strict=True)]
    assert ran == [2, 1]


def test_rows_after_the_duration_are_not_sent(server: ServerProcess, body: Path) -> None:
    rows = trace.make(np.array([0, 1_000, 86_000_000_000_000]))
    load = Load(target=server.grpc, bodies=[body], warmup_s=0, duration_s=0.01)
    result, record = replay(load, rows)
    assert result.raw["sent_total"] == 2
    assert record.rows["sent"][2] == -1
    assert record.statuses() == {"OK": 2}


def test_an_answer_after_the_deadline_is_late(server: ServerProcess, tmp_path: Path) -> None:
    slow = tmp_path / "slow.bin"
    slow.write_bytes(SLOW.request())
    rows = trace.make(np.arange(4) * 1_000_000, deadline_ms=1)
    load = Load(target=server.grpc, bodies=[slow], warmup_s=0, judge_only=True)
    result, record = replay(load, rows)
    assert record.statuses() == {"OK": 4}
    assert (record.late_fraction(), record.goodput()) == (1, 0)
    assert result.raw["in_time"] == 0
    sent = replay(replace(load, judge_only=False), rows)[1]
    assert "OK" not in sent.statuses()


def test_a_run_whose_generator_could_not_keep_up_is_invalid() -> None:
    with Echo() as echo:
        # Until the server's settings come, HTTP/2 clients take 100 streams as the limit.
        load = Load(target=echo.target, warmup_s=0)
        burst = replay(load, trace.make(np.zeros(101, np.int64)))[1]
        assert burst.rows["held"].sum() == 1
        assert burst.statuses() == {"OK": 101}
        assert not burst.valid
        assert burst.invalid_reason == "1 calls waited for a free stream: give it more connections"


def test_command_line_replays_a_csv_file_and_keeps_the_record(
    server: ServerProcess, tmp_path: Path
) -> None:
    schedule, kept = tmp_path / "calls.csv", tmp_path / "record"
    schedule.write_text("offset_s,deadline_ms\n0.002,60000\n0.001,60000\n")
    done = cli(
        server, "--model=identity", f"--arrivals={schedule}", "--warmup=0", f"--record={kept}"
    )
    assert done.returncode == 0, done.stderr
    assert "OK in time per second" in done.stdout
    assert np.fromfile(kept, RECORD_DTYPE)["scheduled"].tolist() == [1_000_000, 2_000_000]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model=nothing"], "nothing"),
        (["--model=identity", "--shape=X:1,16"], "the inputs are INPUT0"),
        (["--model=identity", "--shape=INPUT0:1,15"], "INVALID_ARGUMENT"),
        (["--model=identity", "--arrivals=often", "--rate=9"], "gamma:CV"),
        (["--model=identity", "--arrivals=poisson"], "need a rate"),
        (["--model=identity", "--rate=9", "--requests=9"], "--requests is for closed loops"),
        (["--model=identity", "--record=file"], "are for open loops"),
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
