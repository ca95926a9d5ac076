"""Start-up: addresses, broken models, options, and errors that an operator must understand."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from server.proto import inference_pb2 as pb
from tests import graphs
from tests.e2e.client import Client, infer_request
from tests.e2e.repositories import triton_repository
from tests.server_process import ROOT, ServerProcess

ROW = {"INPUT0": np.ones((1, 16), np.float32)}
Launch = Callable[..., ServerProcess]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """launch(repo, *args) -> a process that may or may not come up."""
    started: list[ServerProcess] = []

    def start(repo: Path, *args: str) -> ServerProcess:
        scratch = tmp_path / f"server-{len(started)}"
        scratch.mkdir()
        started.append(ServerProcess.launch(repo, *args, scratch=scratch))
        return started[-1]

    yield start
    for server in started:
        server.close()


def with_broken_models(folder: Path) -> Path:
    """mlp, which works, beside four that do not."""
    graphs.write_model(folder, "mlp", graphs.mlp())
    graphs.write_model(folder, "zipmap", graphs.zipmap())
    misspelt = "max_bacth_size: 8\n"
    graphs.write_model(folder, "misspelt", graphs.mlp(), config=misspelt)
    wrong_dims = (
        'max_batch_size: 8\ninput [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 5 ] } ]\n'
    )
    graphs.write_model(folder, "wrong_dims", graphs.mlp(), config=wrong_dims)
    (folder / "empty" / "1").mkdir(parents=True)
    return folder


def check(repo: Path) -> tuple[int, str]:
    """Exit code and output of `python -m server check`."""
    command = [sys.executable, "-m", "server", "check", "--repo", str(repo)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def test_the_ready_file_names_the_bound_addresses(launch: Launch, tmp_path: Path) -> None:
    ready_file = tmp_path / "elsewhere.json"
    server = launch(triton_repository(tmp_path / "repo"), "--ready-file", str(ready_file))
    server.wait_for_log("serving 2 model versions")
    server.stop()
    addresses = json.loads(ready_file.read_text())
    assert addresses["grpc"].startswith("127.0.0.1:")
    assert addresses["http"].startswith("127.0.0.1:")
    assert addresses["grpc"] != addresses["http"]
    assert not addresses["grpc"].endswith(":0")


def addresses_in_log(server: ServerProcess) -> tuple[str, str]:
    """gRPC and HTTP address, as printed before loading starts."""
    server.wait_for_log("; loading ")
    found = re.search(r"listening: grpc ([^,]+),.*http ([^;]+);", server.log())
    assert found is not None
    return found[1], found[2]


class SlowModel:
    """A repository whose one model, `mlp`, has a configuration that is a named pipe: loading waits
    until finish() writes it."""

    def __init__(self, repo: Path) -> None:
        self.repo = repo
        graphs.write_model(repo, "mlp", graphs.mlp())
        self._pipe = repo / "mlp" / "config.pbtxt"
        os.mkfifo(self._pipe)

    def finish(self) -> None:
        self._pipe.write_text("max_batch_size: 8\n")


def test_it_listens_while_it_loads(launch: Launch, tmp_path: Path) -> None:
    model = SlowModel(tmp_path / "repo")
    server = launch(model.repo)
    grpc_address, http_address = addresses_in_log(server)
    row = {"INPUT0": np.ones((1, 64), np.float32)}
    with Client(grpc_address) as client:
        assert client.inference.ServerLive(pb.ServerLiveRequest(), wait_for_ready=True).live
        assert not client.inference.ServerReady(pb.ServerReadyRequest()).ready
        assert not client.inference.ModelReady(pb.ModelReadyRequest(name="mlp")).ready
        refused = client.refusal(infer_request("mlp", row))
        assert refused.code is grpc.StatusCode.UNAVAILABLE
        assert "loading" in refused.message
        assert http_status(http_address, "/v2/health/live") == 200
        assert http_status(http_address, "/v2/health/ready") == 503
        model.finish()
        server.wait_ready()
        assert client.inference.ServerReady(pb.ServerReadyRequest()).ready
        assert http_status(http_address, "/v2/health/ready") == 200
        assert client.infer("mlp", row)


def http_status(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_broken_model_is_reported_and_the_rest_serve(launch: Launch, tmp_path: Path) -> None:
    server = launch(with_broken_models(tmp_path / "repo"))
    server.wait_ready()
    log = server.log()
    for model, reason in {
        "zipmap": "'zipmap': False",
        "misspelt": "config.pbtxt:1",
        "wrong_dims": "the model file has [64]",
        "empty": "model.onnx",
    }.items():
        (line,) = [each for each in log.splitlines() if f"rejected {model}" in each]
        assert reason in line
    assert "max_bacth_size" in log and "max_batch_size" in log, "suggests the right spelling"
    with Client(server.grpc) as client:
        assert client.infer("mlp", {"INPUT0": np.ones((1, 64), np.float32)})
        index = client.inference.RepositoryIndex(pb.RepositoryIndexRequest()).models
        states = {each.name: each.state for each in index}
    assert states == {
        "mlp": "READY",
        "zipmap": "UNAVAILABLE",
        "misspelt": "UNAVAILABLE",
        "wrong_dims": "UNAVAILABLE",
        "empty": "UNAVAILABLE",
    }


def test_strict_stops_instead(launch: Launch, tmp_path: Path) -> None:
    server = launch(with_broken_models(tmp_path / "repo"), "--strict")
    assert server.wait_exit() == 1
    assert "rejected misspelt" in server.log()
    assert "--strict" in server.log()


def test_check_says_the_same_without_serving(tmp_path: Path) -> None:
    code, output = check(with_broken_models(tmp_path / "broken"))
    assert code == 1
    assert "ok: mlp/1" in output
    for reason in (
        "'zipmap': False",
        "config.pbtxt:1",
        "the model file has [64]",
        "max_batch_size",
    ):
        assert reason in output
    assert "Traceback" not in output


def test_check_of_a_good_repository(tmp_path: Path) -> None:
    code, output = check(triton_repository(tmp_path))
    assert code == 0, output
    assert "ok: identity/1: INPUT0 FP32[16]" in output


CHOICES = """
latency_slo_ms: 50
weight: 2
dynamic_batching:
  priority_levels: 2
  default_priority_level: 2
  priority_queue_policy:
    1: {default_timeout_microseconds: 5000, allow_timeout_override: true, max_queue_size: 8}
padding:
  inputs: {INPUT0: 0}
"""


def test_check_says_how_requests_wait_and_are_padded(tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "m", graphs.dynamic_inner())
    (tmp_path / "m" / "model.yaml").write_text("max_batch_size: 8" + CHOICES)
    code, output = check(tmp_path)
    assert code == 0, output
    assert output.splitlines()[1:6] == [
        "    latency_slo_ms 50",
        "    weight 2",
        "    priority_levels 2, default_priority_level 2",
        "    priority_queue_policy of level 1: REJECT after 5000 us, requests may shorten it, "
        "at most 8 waiting",
        "    padding: INPUT0 with 0; outputs cut back: OUTPUT0; buckets powers of two from 16",
    ]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("model.yaml", "max_batch_size: 8\npadding:\n  inputs:\n    INPUT1: 0\n", 4),
        ("model.yaml", "inputs:\n- name: INPUT0\n  datatype: INT8\n  dims: [-1, -1]\n", 3),
        (
            "config.pbtxt",
            "input {\n  name: 'INPUT0' dims: -1 dims: -1\n data_type: TYPE_INT8 }\n",
            3,
        ),
        ("config.pbtxt", "\noutput [ { name: 'OUTPUT0'\n dims: 5 data_type: TYPE_FP32 } ]\n", 3),
        ("model.yaml", "\nwarmup:\n- name: w\n  inputs: {}\n", 3),
    ],
)
def test_faults_against_the_model_file_name_their_line(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    graphs.write_model(tmp_path, "m", graphs.dynamic_inner())
    (tmp_path / "m" / name).write_text(text)
    code, output = check(tmp_path)
    assert code == 1
    assert output.startswith(f"error: {tmp_path / 'm' / name}:{line}: "), output


def test_check_of_an_empty_repository_says_what_belongs_there(tmp_path: Path) -> None:
    code, output = check(tmp_path)
    assert code == 1
    assert str(tmp_path / "MODEL" / "1" / "model.onnx") in output


def test_check_warms_up_as_serving_does(tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "mlp", graphs.mlp())
    warmup = "warmup: [{name: w, inputs: {wrong: {datatype: FP32, dims: [64], data: zero}}}]\n"
    (tmp_path / "mlp" / "model.yaml").write_text(warmup)
    code, output = check(tmp_path)
    assert code == 1
    assert 'warm-up "w"' in output
    assert "wrong" in output


def test_check_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    code, output = check(tmp_path / "nothing")
    assert code == 1
    assert str(tmp_path / "nothing") in output
    assert "Traceback" not in output


def test_serving_a_folder_that_is_not_there(launch: Launch, tmp_path: Path) -> None:
    server = launch(tmp_path / "nothing")
    assert server.wait_exit() == 1
    assert str(tmp_path / "nothing") in server.log()
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("option", ["--grpc-port", "--http-port"])
def test_a_port_in_use_fails_loudly(launch: Launch, tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        server = launch(triton_repository(tmp_path / "repo"), option, port)
        assert server.wait_exit() == 1
        assert port in server.log()
        assert "Address already in use" in server.log()
        assert "Traceback" not in server.log()


def test_a_second_server_cannot_share_the_port(
    zoo_server: ServerProcess, launch: Launch, tmp_path: Path
) -> None:
    port = zoo_server.grpc.rsplit(":", 1)[1]
    second = launch(triton_repository(tmp_path / "repo"), "--grpc-port", port)
    assert second.wait_exit() == 1
    assert port in second.log()


@pytest.mark.parametrize(
    "words",
    [
        ["--grpc-port", "65536"],
        ["--max-message-bytes", "12 apples"],
        ["--no-such-option"],
        ["--drain-timeout", "-1"],
    ],
)
def test_wrong_options_are_refused_by_name(
    launch: Launch, tmp_path: Path, words: list[str]
) -> None:
    server = launch(tmp_path, *words)
    assert server.wait_exit() == 2
    assert words[0] in server.log()
    assert words[-1] in server.log()


def test_a_unix_socket_serves_the_same(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    server = launch(triton_repository(tmp_path / "repo"), "--unix-socket", str(path))
    server.wait_ready()
    with Client(f"unix:{path}") as local, Client(server.grpc) as remote:
        for client in (local, remote):
            assert (client.infer("identity", ROW)["OUTPUT0"] == 1).all()
            assert client.inference.ServerReady(pb.ServerReadyRequest()).ready
    second = launch(triton_repository(tmp_path / "other"), "--unix-socket", str(path))
    assert second.wait_exit() == 1
    assert str(path) in second.log()
    server.process.kill()
    server.process.wait()
    third = launch(triton_repository(tmp_path / "third"), "--unix-socket", str(path))
    third.wait_ready()
    with Client(f"unix:{path}") as local:
        assert local.infer("identity", ROW), "a socket left behind is replaced"


def test_a_file_in_the_place_of_the_unix_socket_is_left_alone(
    launch: Launch, tmp_path: Path
) -> None:
    path = tmp_path / "precious"
    path.write_text("not a socket")
    server = launch(triton_repository(tmp_path / "repo"), "--unix-socket", str(path))
    assert server.wait_exit() == 1
    assert "no socket" in server.log()
    assert path.read_text() == "not a socket"


def test_a_ready_file_that_cannot_be_written_is_named(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "ready"
    server = launch(triton_repository(tmp_path / "repo"), "--ready-file", str(file))
    assert server.wait_exit() == 1
    assert f"cannot write {file} (--ready-file)" in server.log()


def test_limits_can_be_set(launch: Launch, tmp_path: Path) -> None:
    server = launch(triton_repository(tmp_path / "repo"), "--max-message-bytes", "1KiB")
    server.wait_ready()
    with Client(server.grpc) as client:
        assert client.infer("identity", ROW)
        refused = client.refusal(
            infer_request("identity", {"INPUT0": np.ones((64, 16), np.float32)})
        )
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "1024" in refused.message


def test_logs_as_json(launch: Launch, tmp_path: Path) -> None:
    server = launch(with_broken_models(tmp_path / "repo"), "--log-format", "json")
    server.wait_ready()
    assert server.stop() == 0
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert any("rejected misspelt" in str(line) for line in lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server(
    launch: Launch, tmp_path: Path, number: signal.Signals
) -> None:
    server = launch(triton_repository(tmp_path / "repo"))
    server.wait_ready()
    os.kill(server.pid, number)
    assert server.wait_exit() == 0
    assert "Traceback" not in server.log()


def test_a_signal_while_loading_ends_it_too(launch: Launch, tmp_path: Path) -> None:
    server = launch(SlowModel(tmp_path / "repo").repo)
    addresses_in_log(server)
    assert server.stop() == 0
    assert "Traceback" not in server.log()
