"""What happens to requests that wait: the bound, deadlines, cancellation, and the counts of them.

The model runs when 64 rows wait, so a test holds the queue as long as it likes.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import grpc
import numpy as np
import pytest

from tests.e2e.client import Client, InferCall, arrays, infer_request, outcome
from tests.e2e.conftest import Serve
from tests.e2e.http2 import RawConnection, prefixed, with_header
from tests.e2e.metrics import Metrics
from tests.e2e.repositories import waiting_repository
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

PLACES = 8
DEADLINE_EXCEEDED = 4


@pytest.fixture
def server(start_server: Serve, tmp_path: Path) -> ServerProcess:
    """Fresh for each test: its counts start at zero."""
    return start_server(waiting_repository(tmp_path, max_queue_size=PLACES))


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


def rows(count: int, value: float = 1.0) -> dict[str, Array]:
    return {"INPUT0": np.full((count, 16), value, np.float32)}


def start(client: Client, count: int = 1, value: float = 1.0) -> InferCall:
    return client.start(infer_request("waiting", rows(count, value)))


def fill(client: Client, server: ServerProcess, count: int) -> list[InferCall]:
    """Sends that many one-row requests, and returns once they wait."""
    waiting = [start(client, value=float(i)) for i in range(count)]
    wait_pending(server, count)
    return waiting


def wait_pending(server: ServerProcess, count: int) -> None:
    server.wait_until(f"{count} requests wait", lambda: pending(server) == count)


def pending(server: ServerProcess) -> float:
    return Metrics.scrape(server.http).value("nv_inference_pending_request_count", model="waiting")


def failures(server: ServerProcess, reason: str) -> float:
    metrics = Metrics.scrape(server.http)
    return metrics.value("nv_inference_request_failure", model="waiting", reason=reason)


def release(client: Client, waiting: list[InferCall]) -> None:
    """Completes the batch of 64 rows; everybody gets their own row back."""
    last = start(client, 64 - len(waiting), -1.0)
    assert outcome(last) is None
    for future in waiting:
        assert arrays(future.result())["OUTPUT0"].shape == (1, 16)


def test_a_full_queue_refuses_at_once_and_names_model_and_limit(
    server: ServerProcess, client: Client
) -> None:
    waiting = fill(client, server, PLACES)
    refused = client.refusal(infer_request("waiting", rows(1)))
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "'waiting'" in refused.message
    assert f"{PLACES} requests wait (max_queue_size)" in refused.message
    assert not any(each.done() for each in waiting), "those that wait go on waiting"
    assert failures(server, "REJECTED") == 1
    waiting.pop().cancel()
    wait_pending(server, PLACES - 1)
    release(client, waiting)


def test_each_waiting_request_gets_its_own_rows(server: ServerProcess, client: Client) -> None:
    waiting = fill(client, server, PLACES - 1)
    last = start(client, 64 - len(waiting), -1.0)
    assert (arrays(last.result())["OUTPUT0"] == -1.0).all()
    for i, future in enumerate(waiting):
        assert arrays(future.result())["OUTPUT0"].tolist() == [[float(i)] * 16]
    metrics = Metrics.scrape(server.http)
    assert metrics.value("nv_inference_exec_count", model="waiting") == 1
    assert metrics.value("nv_inference_count", model="waiting") == 64
    assert metrics.value("nv_inference_request_success", model="waiting") == PLACES


def test_a_cancelled_request_frees_its_place(server: ServerProcess, client: Client) -> None:
    waiting = fill(client, server, PLACES)
    for future in waiting[:3]:
        future.cancel()
    wait_pending(server, PLACES - 3)
    assert failures(server, "CANCELED") == 3
    waiting = [*waiting[3:], start(client), start(client)]
    wait_pending(server, PLACES - 1)
    release(client, waiting)


def test_a_lost_connection_frees_its_places(server: ServerProcess, client: Client) -> None:
    with Client(server.grpc) as other:
        fill(other, server, PLACES)
    wait_pending(server, 0)
    assert failures(server, "CANCELED") == PLACES
    release(client, fill(client, server, PLACES - 1))


def test_a_deadline_cuts_the_wait_for_company_short(server: ServerProcess, client: Client) -> None:
    """Also of those that came before: they leave in the same batch."""
    patient = [start(client, value=float(i)) for i in range(3)]
    wait_pending(server, 3)
    hurried = client.inference.ModelInfer.future(infer_request("waiting", rows(1)), timeout=5)
    assert outcome(hurried) is None
    assert [outcome(each) for each in patient] == [None] * 3
    assert failures(server, "REJECTED") == 0


def test_a_deadline_that_has_passed_is_answered_by_the_server(
    server: ServerProcess, client: Client
) -> None:
    message = infer_request("waiting", rows(1)).SerializeToString()
    with RawConnection(server.grpc) as connection:
        connection.call(1, prefixed(message), with_header(("grpc-timeout", "1n")))
        answer = connection.answer(1)
        assert answer.status == DEADLINE_EXCEEDED
        assert "deadline" in unquote(answer.message)
    release(client, fill(client, server, PLACES - 1))


def test_nothing_is_left_behind(server: ServerProcess, client: Client) -> None:
    waiting = fill(client, server, PLACES - 1)
    waiting.pop().cancel()
    wait_pending(server, PLACES - 2)
    release(client, waiting)
    server.wait_until(
        "no call runs",
        lambda: Metrics.scrape(server.http).value("skein_transport_calls_running") == 0,
    )
    metrics = Metrics.scrape(server.http)
    assert metrics.value("skein_transport_dropped_requests_total") == 0
    assert metrics.value("nv_inference_pending_request_count", model="waiting") == 0
    assert metrics.value("skein_transport_inflight_bytes") == 0
