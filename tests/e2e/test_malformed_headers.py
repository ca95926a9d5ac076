"""Requests that HTTP/2's own rules for header fields call malformed (RFC 9113, 8.1 to 8.3)."""

import numpy as np
import pytest

from tests.e2e.client import infer_request
from tests.e2e.http2 import (
    GRPC_HEADERS,
    Header,
    RawConnection,
    prefixed,
    with_header,
)
from tests.server_process import ServerProcess

OK, PROTOCOL_ERROR = 0, 1
GOOD = infer_request("identity_fp32", {"INPUT0": np.ones((1, 16), np.float32)}).SerializeToString()


@pytest.fixture
def connection(zoo_server: ServerProcess) -> object:
    """One that must still serve at the end of the test."""
    with RawConnection(zoo_server.grpc) as connection:
        yield connection
        connection.call(101, prefixed(GOOD))
        assert connection.answer(101).status == OK


@pytest.mark.parametrize(
    "headers",
    {
        "no path": with_header(without=[":path"]),
        "an empty path": with_header((":path", "")),
        "a relative path": with_header((":path", "inference")),
        "no scheme": with_header(without=[":scheme"]),
        "no method": with_header(without=[":method"]),
        "no authority and no host": with_header(without=[":authority"]),
        "two methods": [(":method", "POST"), *GRPC_HEADERS],
        "a pseudo-header after a header": [*GRPC_HEADERS[1:], GRPC_HEADERS[0]],
        "a pseudo-header nobody knows": [(":x", "1"), *GRPC_HEADERS],
        "connection": with_header(("connection", "keep-alive")),
        "transfer-encoding": with_header(("transfer-encoding", "chunked")),
        "te": with_header(("te", "gzip")),
        "an upper-case name": with_header(("X-Name", "1")),
        "a name with a space": with_header(("x name", "1")),
        "a value with a line break": with_header(("x-name", "a\nb")),
        "a content-length in words": with_header(("content-length", "many")),
        "two content-lengths": [
            *GRPC_HEADERS,
            *2 * [("content-length", str(len(prefixed(GOOD))))],
        ],
        "a content-length too large": with_header(("content-length", "1000")),
        "a content-length too small": with_header(("content-length", "3")),
    }.items(),
    ids=lambda each: each[0],
)
def test_a_malformed_request_is_reset(
    connection: RawConnection, headers: tuple[str, list[Header]]
) -> None:
    connection.call(1, prefixed(GOOD), headers[1])
    answer = connection.answer(1)
    assert answer.reset == PROTOCOL_ERROR
    assert answer.status == -1


@pytest.mark.parametrize(
    "headers",
    {
        "a host for an authority": [*with_header(without=[":authority"]), ("host", "test")],
        "the right content-length": with_header(("content-length", str(len(prefixed(GOOD))))),
        "an empty value": with_header(("x-name", "")),
    }.items(),
    ids=lambda each: each[0],
)
def test_what_is_odd_but_harmless_is_served(
    connection: RawConnection, headers: tuple[str, list[Header]]
) -> None:
    connection.call(1, prefixed(GOOD), headers[1])
    assert connection.answer(1).status == OK


def test_trailers_end_a_call(connection: RawConnection) -> None:
    connection.call(1, prefixed(GOOD), end=False)
    connection.send(connection.headers(1, [("x-checksum", "1")], end=True))
    assert connection.answer(1).status == OK


@pytest.mark.parametrize(("trailer", "end"), [(("x", "1"), False), ((":path", "/"), True)])
def test_malformed_trailers_reset_the_call(
    connection: RawConnection, trailer: Header, end: bool
) -> None:
    connection.call(1, prefixed(GOOD), end=False)
    connection.send(connection.headers(1, [trailer], end=end))
    assert connection.answer(1).reset == PROTOCOL_ERROR
