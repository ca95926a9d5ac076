"""Clients that go away in the middle, and clients that ask for more than they take."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tests import graphs
from tests.e2e.client import Client, infer_request
from tests.e2e.conftest import Serve
from tests.e2e.cutter import Cutter
from tests.e2e.http2 import (
    ACK,
    DATA,
    INITIAL_WINDOW_SIZE,
    PING,
    SETTINGS,
    WINDOW_UPDATE,
    RawConnection,
    frame,
    prefixed,
)
from tests.e2e.metrics import Metrics
from tests.e2e.repositories import triton_repository, waiting_repository
from tests.server_process import ServerProcess

CUT_REQUESTS = 10_000
WORKERS = 4
MIB = 1 << 20
ROW = {"INPUT0": np.ones((1, 16), np.float32)}


def resident_bytes(server: ServerProcess) -> int:
    """RSS from the operating system."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    (line,) = [each for each in lines if each.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def settled(server: ServerProcess) -> Metrics:
    """Metrics once no call runs, no request waits and no byte is held."""

    def idle() -> bool:
        metrics = Metrics.scrape(server.http)
        busy = (
            metrics.value("skein_transport_streams"),
            metrics.value("skein_transport_calls_running"),
            metrics.value("skein_transport_inflight_bytes"),
            *metrics.values("nv_inference_pending_request_count"),
        )
        return not any(busy)

    server.wait_until("every call ended, every byte given back", idle)
    return Metrics.scrape(server.http)


def cutter_of(server: ServerProcess, model: str) -> Cutter:
    return Cutter(server.grpc, infer_request(model, ROW).SerializeToString())


def test_10000_requests_cut_short_leave_nothing_behind(start_server: Serve, tmp_path: Path) -> None:
    server = start_server(triton_repository(tmp_path))
    cutter = cutter_of(server, "identity")
    connections = CUT_REQUESTS // 4
    rounds = 10
    each = connections // rounds // WORKERS
    resident = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for round_ in range(rounds):
            starts = [(round_ * WORKERS + worker) * each for worker in range(WORKERS)]
            list(pool.map(cutter.cut_many, starts, [each] * WORKERS))
            settled(server)
            resident.append(resident_bytes(server))
    middle, last = max(resident[3:6]), max(resident[7:])
    assert last - middle < 2 * MIB, [size // 1024 for size in resident]
    assert settled(server).value("skein_transport_dropped_requests_total") == 0
    with Client(server.grpc) as client:
        assert client.infer("identity", ROW)
    assert server.stop() == 0


def test_requests_cut_short_while_they_wait_leave_nothing_behind(
    start_server: Serve, tmp_path: Path
) -> None:
    server = start_server(waiting_repository(tmp_path))
    cutter = cutter_of(server, "waiting")
    for number in range(0, 500, 5):  # not those that wait for an answer
        cutter.cut_many(number, 4)
    metrics = settled(server)
    assert metrics.value("skein_transport_dropped_requests_total") == 0
    failed = metrics.value("nv_inference_request_failure", model="waiting", reason="CANCELED")
    run = metrics.value("nv_inference_request_success", model="waiting")
    assert failed + run > 0
    assert server.stop() == 0


def test_cancelled_calls_leave_nothing_behind(triton_server: ServerProcess) -> None:
    request = infer_request("mlp", {"INPUT0": np.ones((8, 64), np.float32)})

    def cancel_half(_: int) -> None:
        with Client(triton_server.grpc) as client:
            for _ in range(10):
                calls = [client.start(request) for _ in range(30)]
                for call in calls[::2]:
                    call.cancel()
                for call in calls[1::2]:
                    assert call.result().outputs[0].shape == [8, 10]

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(cancel_half, range(WORKERS)))
    assert settled(triton_server).value("skein_transport_dropped_requests_total") == 0


class Glutton:
    """Sends large requests as fast as the server's flow control lets it, and grants the answers no
    window beyond the first 64 KiB: it does not read them."""

    TOTAL = 2 << 30

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.connection = RawConnection(server.grpc)
        batch = {"INPUT0": np.ones((16, 37500), np.float32)}
        self._message = prefixed(infer_request("identity_image", batch).SerializeToString())
        self._initial = 65535
        self._window = 65535
        self._stream_window = 0
        self._stream = -1
        self.sent = 0

    def gorge(self) -> None:
        """Returns when the server holds it back for good, or TOTAL bytes are sent."""
        self._ping()
        while self.sent < self.TOTAL:
            self._stream += 2
            self._stream_window = self._initial
            self.connection.send(self.connection.headers(self._stream))
            if not self._send_body():
                return

    def _send_body(self) -> bool:
        at = 0
        while at < len(self._message):
            size = min(16384, self._window, self._stream_window, len(self._message) - at)
            if size == 0:
                if not self._refill():
                    return False
                continue
            chunk = self._message[at : at + size]
            at += size
            self.connection.send(frame(DATA, at == len(self._message), self._stream, chunk))
            self.sent += size
            self._window -= size
            self._stream_window -= size
        return True

    def _refill(self) -> bool:
        """Whether the server grants more, once it has done all it can do."""
        self._ping()
        if min(self._window, self._stream_window) == 0:
            self._server.wait_until("every call has its answer", self._server_is_done)
            self._ping()
        return min(self._window, self._stream_window) > 0

    def _server_is_done(self) -> bool:
        return Metrics.scrape(self._server.http).value("skein_transport_calls_running") == 0

    def _ping(self) -> None:
        """Takes in what the server has granted up to now."""
        self.connection.send(frame(PING, 0, 0, b"anything"))
        while True:
            got = self.connection.receive()
            if got.kind == PING and got.flags & ACK:
                return
            if got.kind == SETTINGS and not got.flags & ACK:
                self._read_settings(got.payload)
                self.connection.send(frame(SETTINGS, ACK, 0))
            if got.kind == WINDOW_UPDATE and got.stream == 0:
                self._window += int.from_bytes(got.payload)
            if got.kind == WINDOW_UPDATE and got.stream == self._stream:
                self._stream_window += int.from_bytes(got.payload)

    def _read_settings(self, payload: bytes) -> None:
        for at in range(0, len(payload), 6):
            if int.from_bytes(payload[at : at + 2]) == INITIAL_WINDOW_SIZE:
                self._initial = int.from_bytes(payload[at + 2 : at + 6])


def test_a_client_that_never_reads_is_held_back_and_others_are_served(
    start_server: Serve, tmp_path: Path
) -> None:
    graphs.write_model(tmp_path, "identity_image", graphs.identity_image())
    server = start_server(tmp_path, "--max-connection-inflight-bytes", "32MiB")
    row = {"INPUT0": np.ones((1, 37500), np.float32)}
    with Client(server.grpc) as client:
        assert client.infer("identity_image", row)
        before = resident_bytes(server)
        gluttons = [Glutton(server) for _ in range(4)]
        for glutton in gluttons:
            glutton.gorge()
            assert glutton.sent < 64 * MIB, "the budget of 32 MiB and what was under way"
            for _ in range(20):
                assert (client.infer("identity_image", row)["OUTPUT0"] == 1).all()
        metrics = Metrics.scrape(server.http)
        held = metrics.value("skein_transport_inflight_bytes")
        assert 4 * 32 * MIB <= held < 4 * 48 * MIB
        assert resident_bytes(server) - before < 4 * 96 * MIB
        for glutton in gluttons:
            glutton.connection.socket.close()
        assert settled(server).value("skein_transport_dropped_requests_total") == 0
        assert client.infer("identity_image", row)


def test_the_whole_servers_budget_bounds_many_connections(
    start_server: Serve, tmp_path: Path
) -> None:
    """Gluttons that together fill it; when one goes away, others are served again."""
    graphs.write_model(tmp_path, "identity_image", graphs.identity_image())
    server = start_server(tmp_path, "--max-inflight-bytes", "64MiB")
    before = resident_bytes(server)
    gluttons = [Glutton(server) for _ in range(8)]
    for glutton in gluttons:
        glutton.gorge()
    held = Metrics.scrape(server.http).value("skein_transport_inflight_bytes")
    assert held < 2 * 64 * MIB
    assert resident_bytes(server) - before < 256 * MIB
    for glutton in gluttons:
        glutton.connection.socket.close()
    settled(server)
    with Client(server.grpc) as client:
        assert client.infer("identity_image", {"INPUT0": np.ones((1, 37500), np.float32)})
