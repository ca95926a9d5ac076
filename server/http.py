"""The HTTP port: /metrics and health, for Prometheus and orchestrators. GET and HEAD only."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

_log = logging.getLogger(__name__)

MAX_CONNECTIONS = 32
NICE = 15  # a weight of 36 against the 1,024 of a thread that serves requests
MAX_SECONDS = 10.0  # of a connection, whatever it does; each serves one request


class Reply(NamedTuple):
    """Status, body and type of an answer."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[], Reply]


class HttpServer:
    """Serves `pages` (path -> reply) on threads of its own."""

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        """Listens; raises OSError. Port 0 picks a free one."""
        self._server = _Server(host, port, pages)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="http", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, pages: Mapping[str, Page]) -> None:
        self.pages = pages
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As the base class, without its reverse look-up of the host's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Yields to inference where both want the processor (a thread's own nice value)."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        super().process_request_thread(request, client_address)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Refuses connections over the limit."""
        with self._lock:
            if len(self._open) >= MAX_CONNECTIONS:
                return False
            self._open[request] = time.monotonic()
            return True

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Runs ten times a second: cuts connections that have been open too long."""
        limit = time.monotonic() - MAX_SECONDS
        with self._lock:
            for request, since in self._open.items():
                if since < limit:
                    try:
                        request.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        continue  # already gone

    def handle_error(self, request: Any, client_address: Any) -> None:
        _log.debug("HTTP connection of %s ended early", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = MAX_SECONDS
    server_version = "skein"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(self._reply())

    def do_HEAD(self) -> None:
        self._answer(self._reply(), with_body=False)

    def _refuse(self) -> None:
        reply = Reply(405, f"{self.command} is not allowed; use GET or HEAD\n".encode())
        self._answer(reply, allow="GET, HEAD")

    # The base class looks these names up.
    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _reply(self) -> Reply:
        path = self.path.split("?", 1)[0]
        page = self.server.pages.get(path)
        if page is None:
            known = ", ".join(self.server.pages)
            return Reply(404, f"nothing is here; this port serves {known}\n".encode())
        try:
            return page()
        except Exception:
            _log.exception("%s failed", path)
            return Reply(500, b"this page failed; the server's log says why\n")

    def _answer(self, reply: Reply, with_body: bool = True, allow: str | None = None) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        if allow is not None:
            self.send_header("Allow", allow)
        self.end_headers()
        if with_body:
            self.wfile.write(reply.body)

    def log_message(self, template: str, *args: Any) -> None:
        _log.debug(template, *args)
