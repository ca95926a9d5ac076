"""The HTTP port, over real sockets."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from server.http import HttpServer, Page, Reply
from server.pages import pages
from server.registry import Registry


def broken() -> Reply:
    raise ValueError("secret detail")


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def server(registry: Registry) -> Iterator[HttpServer]:
    served: dict[str, Page] = pages(registry, lambda: b"metric 1\n")
    server = HttpServer("127.0.0.1", 0, {**served, "/broken": broken})
    server.start()
    yield server
    server.stop()


def fetch(server: HttpServer, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_metrics_and_health(server: HttpServer, registry: Registry) -> None:
    assert fetch(server, "/metrics") == (200, b"metric 1\n")
    assert fetch(server, "/metrics?x=1")[0] == 200
    assert fetch(server, "/v2/health/live")[0] == 200
    assert fetch(server, "/v2/health/ready") == (503, b"loading\n")
    registry.mark_loaded()
    assert fetch(server, "/v2/health/ready")[0] == 200
    registry.mark_draining()
    assert fetch(server, "/v2/health/ready") == (503, b"draining\n")


def test_head_has_no_body(server: HttpServer) -> None:
    assert fetch(server, "/metrics", "HEAD") == (200, b"")


def test_an_unknown_path_says_what_there_is(server: HttpServer) -> None:
    status, body = fetch(server, "/other")
    assert status == 404
    assert b"/metrics" in body


def test_other_methods_are_refused(server: HttpServer) -> None:
    assert fetch(server, "/metrics", "POST")[0] == 405


def test_a_failing_page_tells_no_details(server: HttpServer) -> None:
    status, body = fetch(server, "/broken")
    assert status == 500
    assert b"secret" not in body


def test_a_long_request_line_is_refused_and_others_are_served(server: HttpServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n")
        assert b" 414 " in client.recv(100)
    assert fetch(server, "/metrics")[0] == 200


def test_a_second_server_on_the_port_fails(server: HttpServer) -> None:
    with pytest.raises(OSError, match="in use"):
        HttpServer("127.0.0.1", server.port, {})
