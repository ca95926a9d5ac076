"""Requests that would miss their deadline are refused before they are run, with the right status,
and the metrics say how many and why."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import grpc
import numpy as np
import pytest

from tests import graphs
from tests.e2e.client import Client, infer_request
from tests.e2e.conftest import Serve
from tests.e2e.http2 import RawConnection, prefixed, with_header
from tests.e2e.metrics import Metrics
from tests.server_process import ServerProcess

PUSHBACK = "grpc-retry-pushback-ms"
DEADLINE_EXCEEDED = 4
REFUSALS = ("QUEUE_FULL", "OVERLOAD", "HOPELESS", "EXPIRED", "QUEUE_TIMEOUT")
RELEASES = ("FULL", "PREFERRED", "IDLE_SLOT", "DELAY", "DEADLINE", "SHAPE_CHANGE")
# One run at a time, of one request.
CONFIG = "max_batch_size: 1\ninstance_group [ { count: 1 kind: KIND_CPU } ]\n"
REQUEST = infer_request("slow", {"INPUT0": np.ones((1, 2048), np.float32)})
CALLS = 200
RUNS_IN_TIME = 20


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    graphs.write_model(folder, "slow", graphs.slow(), config=CONFIG)
    return folder


@pytest.fixture
def server(start_server: Serve, repository: Path) -> ServerProcess:
    """Fresh for each test: its counts start at zero."""
    return start_server(repository)


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


def run_s(server: ServerProcess) -> float:
    """How long one run takes, as measured when the model was loaded."""
    scraped = Metrics.scrape(server.http)
    return scraped.value("skein_batch_latency_seconds", model="slow", rows="1", quantile="0.5")


def refused(metrics: Metrics) -> dict[str, float]:
    name = "skein_refused_requests_total"
    return {reason: metrics.value(name, model="slow", reason=reason) for reason in REFUSALS}


def test_before_the_first_request_the_model_is_measured_and_nothing_counted(
    server: ServerProcess,
) -> None:
    assert run_s(server) > 0
    metrics = Metrics.scrape(server.http)
    assert set(refused(metrics).values()) == {0}
    assert metrics.values("skein_batch_release_total", model="slow") == [0] * len(RELEASES)
    assert metrics.value("nv_inference_exec_count", model="slow") == 0
    assert metrics.value("skein_queue_depth", model="slow") == 0
    assert metrics.values("skein_batch_actual_to_predicted_ratio", model="slow") == []


def test_an_overload_is_refused_with_the_time_to_come_back(
    server: ServerProcess, client: Client
) -> None:
    infer = client.inference.ModelInfer
    limit_s = RUNS_IN_TIME * run_s(server)
    calls = [infer.future(REQUEST, timeout=limit_s) for _ in range(CALLS)]
    refusals = [call for call in calls if call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert refusals
    for call in refusals:
        assert "model 'slow' is overloaded: the answer would take " in (call.details() or "")
        assert ", but the deadline is " in (call.details() or "")
        assert int(dict(call.trailing_metadata() or ())[PUSHBACK]) >= 1
    server.wait_until(
        "no call runs",
        lambda: Metrics.scrape(server.http).value("skein_transport_calls_running") == 0,
    )
    metrics = Metrics.scrape(server.http)
    assert refused(metrics)["OVERLOAD"] == len(refusals)
    runs = metrics.value("nv_inference_exec_count", model="slow")
    assert 0 < runs <= CALLS - sum(refused(metrics).values())
    assert sum(metrics.values("skein_batch_release_total", model="slow")) == runs
    assert metrics.value("skein_batch_predicted_seconds_total", model="slow") > 0
    assert metrics.value("skein_batch_actual_seconds_total", model="slow") > 0
    assert metrics.value("skein_batch_actual_to_predicted_ratio", model="slow", quantile="0.5") > 0
    assert metrics.value("skein_transport_dropped_requests_total") == 0


def test_a_deadline_shorter_than_one_run_is_hopeless(server: ServerProcess) -> None:
    limit_us = int(run_s(server) / 2 * 1e6)
    with RawConnection(server.grpc) as connection:
        body = prefixed(REQUEST.SerializeToString())
        connection.call(1, body, with_header(("grpc-timeout", f"{limit_us}u")))
        answer = connection.answer(1)
    assert answer.status == DEADLINE_EXCEEDED
    assert PUSHBACK not in answer.headers
    message = unquote(answer.message)
    assert "model 'slow' takes " in message
    assert " for one request by itself, but the deadline is " in message
    metrics = Metrics.scrape(server.http)
    assert refused(metrics) == dict.fromkeys(REFUSALS, 0) | {"HOPELESS": 1}
    assert metrics.value("nv_inference_exec_count", model="slow") == 0
