"""SIGTERM under full load answers every accepted request; a second signal ends at once."""

import signal
import socket
import threading
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest

from server.proto import inference_pb2 as pb
from tests import graphs
from tests.e2e.client import Client, InferCall, infer_request, outcome
from tests.e2e.conftest import Serve
from tests.e2e.http2 import DATA, END_STREAM, ConnectionEndedError, RawConnection, frame, prefixed
from tests.e2e.metrics import Metrics
from tests.e2e.repositories import triton_repository, waiting_repository
from tests.server_process import ServerProcess

CLIENTS = 8
IN_FLIGHT = 32
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
OK = "OK"


class Driver:
    """Keeps IN_FLIGHT calls under way on one connection until the first is refused."""

    def __init__(
        self, address: str, request: pb.ModelInferRequest, warm: threading.Semaphore
    ) -> None:
        self._address = address
        self._request = request
        self._warm = warm
        self.outcomes: Counter[str] = Counter()

    def run(self) -> None:
        with Client(self._address) as client:
            refused = False
            while not refused:
                running = [client.start(self._request) for _ in range(IN_FLIGHT)]
                for each in running:
                    failed = outcome(each)
                    self.outcomes[OK if failed is None else str(failed)] += 1
                    refused = refused or failed is not None
                self._warm.release()


def drive_until_refused(server: ServerProcess) -> Counter[str]:
    """Full load, then SIGTERM; how every call ended."""
    request = infer_request("mlp", {"INPUT0": np.ones((2, 64), np.float32)})
    warm = threading.Semaphore(0)
    drivers = [Driver(server.grpc, request, warm) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(each.run) for each in drivers]
        for _ in range(3 * CLIENTS):
            assert warm.acquire(timeout=60), server.log()
        server.process.send_signal(signal.SIGTERM)
        for each in running:
            each.result()
    total: Counter[str] = Counter()
    for driver in drivers:
        total.update(driver.outcomes)
    return total


def test_sigterm_under_full_load_answers_every_accepted_request(
    start_server: Serve, tmp_path: Path
) -> None:
    server = start_server(triton_repository(tmp_path))
    outcomes = drive_until_refused(server)
    assert server.wait_exit() == 0
    assert outcomes[OK] >= 3 * CLIENTS * IN_FLIGHT
    others = [each for each in outcomes if each != OK]
    assert all("StatusCode.UNAVAILABLE" in each for each in others), outcomes
    # What grpcio says of calls that never came to the server, or that the server ignored: they
    # were sent after its last GOAWAY.
    own = ("failed to connect", "GOAWAY received")
    answered = outcomes[OK]
    answered += sum(outcomes[each] for each in others if not any(words in each for words in own))
    assert f"stopped after {answered} calls" in server.log(), outcomes
    assert "Traceback" not in server.log()


def pending(server: ServerProcess) -> float:
    return Metrics.scrape(server.http).value("nv_inference_pending_request_count", model="waiting")


def waiting_calls(server: ServerProcess, client: Client, count: int) -> list[InferCall]:
    request = infer_request("waiting", {"INPUT0": np.ones((1, 16), np.float32)})
    calls = [client.start(request) for _ in range(count)]
    server.wait_until(f"{count} requests wait", lambda: pending(server) == count)
    return calls


def accepts(address: str) -> bool:
    """Whether a new connection is taken."""
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=60).close()
    except OSError:
        return False
    return True


def test_calls_begun_are_finished_and_new_connections_refused(
    start_server: Serve, tmp_path: Path
) -> None:
    """One request waits in the queue and half of another has come when the signal does."""
    server = start_server(waiting_repository(tmp_path), "--drain-timeout", "300")
    message = infer_request("waiting", {"INPUT0": np.ones((63, 16), np.float32)})
    body = prefixed(message.SerializeToString())
    with Client(server.grpc) as client, RawConnection(server.grpc) as slow:
        (waiting,) = waiting_calls(server, client, 1)
        slow.call(1, body[:100], end=False)
        slow.ping()
        server.process.send_signal(signal.SIGTERM)
        server.wait_until("new connections are refused", lambda: not accepts(server.grpc))
        with Client(server.grpc) as late:
            assert late.refusal(message).code is UNAVAILABLE
        assert not waiting.done()
        slow.send(frame(DATA, END_STREAM, 1, body[100:]))
        assert slow.answer(1).status == 0
        assert outcome(waiting) is None
    assert server.wait_exit() == 0


def test_draining_runs_what_waits_for_company(start_server: Serve, tmp_path: Path) -> None:
    """A batch that is not full is answered within the window all the same: its delay passes, or
    its client gives up. Here the clients complete it."""
    server = start_server(waiting_repository(tmp_path), "--drain-timeout", "300")
    with Client(server.grpc) as client:
        waiting = waiting_calls(server, client, 8)
        last = infer_request("waiting", {"INPUT0": np.ones((56, 16), np.float32)})
        waiting.append(client.start(last))
        server.process.send_signal(signal.SIGTERM)
        assert [outcome(each) for each in waiting] == [None] * 9
    assert server.wait_exit() == 0


def test_a_second_signal_ends_at_once(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(waiting_repository(tmp_path), "--drain-timeout", "300")
    with Client(server.grpc) as client:
        waiting = waiting_calls(server, client, 4)
        server.process.send_signal(signal.SIGTERM)
        server.wait_for_log("draining")
        assert server.process.poll() is None, "it waits for the four"
        server.process.send_signal(signal.SIGTERM)
        assert server.wait_exit() == 128 + signal.SIGTERM
        for each in waiting:
            failed = outcome(each)
            assert failed is not None and failed.code is UNAVAILABLE


def test_the_window_bounds_the_drain(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(waiting_repository(tmp_path), "--drain-timeout", "0.2")
    with Client(server.grpc) as client:
        waiting = waiting_calls(server, client, 4)
        server.process.send_signal(signal.SIGTERM)
        code = server.wait_exit()
        assert code == 1, "not everybody was answered"
        for each in waiting:
            assert outcome(each) is not None
    assert "unanswered" in server.log()


def test_ready_goes_away_before_the_server_does(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(waiting_repository(tmp_path), "--drain-timeout", "300")
    with Client(server.grpc) as client:
        (waiting,) = waiting_calls(server, client, 1)
        server.process.send_signal(signal.SIGINT)
        server.wait_for_log("draining")
        with pytest.raises(OSError):  # 503, or the port is closed
            while True:
                urllib.request.urlopen(f"http://{server.http}/v2/health/ready", timeout=60)
        assert not waiting.done()
        waiting.cancel()
    assert server.wait_exit() == 0


def test_idle_connections_do_not_hold_up_the_end(start_server: Serve, tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "mlp", graphs.mlp())
    server = start_server(tmp_path, "--drain-timeout", "300")
    with RawConnection(server.grpc) as idle, RawConnection(server.grpc, hello=False) as silent:
        idle.ping()
        assert server.stop() == 0
        for connection in (idle, silent):
            with pytest.raises(ConnectionEndedError):
                while True:
                    connection.receive()
