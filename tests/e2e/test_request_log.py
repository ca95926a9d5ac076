"""--log-slow-ms and --log-sample: which requests get a line, and what it says."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import grpc
import numpy as np

from server.proto import inference_pb2_grpc
from tests import graphs
from tests.e2e.client import LIMIT_S, Client, infer_request
from tests.e2e.conftest import Serve
from tests.e2e.repositories import triton_repository
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PHASES = ("admit_ms", "queue_ms", "prepare_ms", "gather_ms", "run_ms", "encode_ms")
ROUNDING_MS = 0.0005 * (len(PHASES) + 1)
ROW: dict[str, Array] = {"INPUT0": np.ones((1, 16), np.float32)}


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    """Those of the request log, once the server has ended."""
    assert server.stop() == 0
    written = (json.loads(line) for line in server.log().splitlines() if line.startswith("{"))
    return [line for line in written if "total_ms" in line]


def send(server: ServerProcess, model: str, inputs: dict[str, Array], ids: Iterable[str]) -> None:
    with Client(server.grpc) as client:
        for request_id in ids:
            client.infer(model, inputs, request_id=request_id)


def test_a_slow_request_is_explained(start_server: Serve, tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "slow", graphs.slow())  # at least 5 ms
    server = start_server(tmp_path, "--log-slow-ms", "1", "--log-format", "json")
    request = infer_request("slow", {"INPUT0": np.ones((1, 2048), np.float32)}, request_id="r\n1")
    with grpc.insecure_channel(server.grpc) as channel:
        inference_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(
            request,
            timeout=LIMIT_S,
            metadata=[("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-01")],
        )
    (line,) = lines(server)
    assert (line["model"], line["version"], line["id"]) == ("slow", 1, "r\n1")
    assert (line["trace_id"], line["span_id"]) == (TRACE_ID, SPAN_ID)
    assert line["trace_sampled"] is True
    assert line["peer"].startswith("127.0.0.1:")
    assert (line["status"], line["batch_rows"], line["batch_requests"]) == ("OK", 1, 1)
    assert all(line[phase] >= 0 for phase in PHASES)
    assert line["run_ms"] > 1
    assert abs(sum(line[phase] for phase in PHASES) - line["total_ms"]) < ROUNDING_MS


def test_an_invalid_traceparent_is_no_trace(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path), "--log-sample", "1", "--log-format", "json")
    with Client(server.grpc) as client:
        client.inference.ModelInfer(
            infer_request("identity", ROW),
            timeout=LIMIT_S,
            metadata=[("traceparent", f"00-{TRACE_ID}-{'0' * 16}-01")],
        )
    (line,) = lines(server)
    assert not {"trace_id", "span_id", "id"} & line.keys()


def test_one_in_one_logs_every_request_in_order(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path), "--log-sample", "1", "--log-format", "json")
    ids = [f"r{i}" for i in range(40)]
    send(server, "identity", ROW, ids)
    assert [line["id"] for line in lines(server)] == ids


def test_one_in_ten_logs_a_tenth(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path), "--log-sample", "10", "--log-format", "json")
    send(server, "identity", ROW, map(str, range(40)))
    assert len(lines(server)) == 4


def test_a_run_that_fails_is_logged_with_its_status(start_server: Serve, tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "fails_at_run", graphs.fails_at_run())
    server = start_server(tmp_path, "--log-sample", "1", "--log-format", "json")
    with Client(server.grpc) as client:
        client.refusal(infer_request("fails_at_run", {"INDEX": np.array([9], np.int64)}))
    (line,) = lines(server)
    assert line["status"] == "INTERNAL"
    assert abs(sum(line[phase] for phase in PHASES) - line["total_ms"]) < ROUNDING_MS


def test_without_the_options_nothing_is_logged(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path), "--log-format", "json")
    send(server, "identity", ROW, ["r1"])
    assert lines(server) == []
