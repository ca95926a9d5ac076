"""What clients can do wrong below the message: gRPC's own rules, and HTTP/2 itself."""

import struct
from urllib.parse import unquote

import numpy as np
import pytest

from tests.e2e.client import Client, infer_request
from tests.e2e.http2 import (
    CONTINUATION,
    DATA,
    GRPC_HEADERS,
    HEADERS,
    PING,
    PREFACE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Answer,
    ConnectionEndedError,
    Frame,
    Header,
    RawConnection,
    frame,
    prefixed,
    with_header,
)
from tests.server_process import ServerProcess

OK, INVALID, EXPIRED, EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 4, 8, 12, 13
ENHANCE_YOUR_CALM = 11
HELLO = PREFACE + frame(SETTINGS, 0, 0)
GOOD = infer_request("identity_fp32", {"INPUT0": np.ones((1, 16), np.float32)}).SerializeToString()


@pytest.fixture(autouse=True)
def a_good_request_works_afterwards(zoo_client: Client) -> object:
    yield
    zoo_client.infer("identity_fp32", {"INPUT0": np.ones((1, 16), np.float32)})


def ask(server: ServerProcess, body: bytes, headers: list[Header] | None = None) -> Answer:
    """One call on a connection of its own, then a good one on the same connection."""
    with RawConnection(server.grpc) as connection:
        connection.call(1, body, headers or GRPC_HEADERS)
        answer = connection.answer(1)
        connection.call(3, prefixed(GOOD))
        assert connection.answer(3).status == OK
        return answer


def refused(answer: Answer, code: int, *hints: str) -> None:
    assert answer.status == code, answer
    for hint in hints:
        assert hint in unquote(answer.message), answer


def test_a_good_request_by_hand(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD))
    assert answer.status == OK
    assert answer.headers[":status"] == "200"
    assert answer.headers["content-type"] == "application/grpc"
    assert answer.data[:1] == b"\0"
    assert len(answer.data) == 5 + int.from_bytes(answer.data[1:5])


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "", "application/grpcx"])
def test_another_content_type_is_http_415(zoo_server: ServerProcess, content_type: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("content-type", content_type)))
    assert answer.headers[":status"] == "415"
    refused(answer, INVALID, f"'{content_type}'", "expected application/grpc")


def test_no_content_type_is_http_415(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(without=["content-type"]))
    assert answer.headers[":status"] == "415"


@pytest.mark.parametrize("content_type", ["application/grpc+proto", "application/grpc;a=b"])
def test_variants_of_the_content_type_work(zoo_server: ServerProcess, content_type: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("content-type", content_type)))
    assert answer.status == OK


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_another_http_method_is_http_405(zoo_server: ServerProcess, method: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header((":method", method)))
    assert answer.headers[":status"] == "405"
    refused(answer, INVALID, method, "POST")


@pytest.mark.parametrize(
    "path", ["/inference.GRPCInferenceService/Nothing", "/", "/%00", "/x" * 5000]
)
def test_an_unknown_path_is_unimplemented(zoo_server: ServerProcess, path: str) -> None:
    refused(ask(zoo_server, prefixed(GOOD), with_header((":path", path))), UNIMPLEMENTED, path[:50])


@pytest.mark.parametrize(
    "timeout", ["5", "S", "123456789S", "-1S", "1.5S", "1s", "1 S", "", "0x1S"]
)
def test_a_bad_grpc_timeout(zoo_server: ServerProcess, timeout: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("grpc-timeout", timeout)))
    refused(answer, INVALID, "grpc-timeout", "1 to 8 digits")


@pytest.mark.parametrize("timeout", ["99999999H", "1H", "60000m", "60000000u"])
def test_good_grpc_timeouts(zoo_server: ServerProcess, timeout: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("grpc-timeout", timeout)))
    assert answer.status == OK


def test_a_deadline_of_zero_has_passed(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("grpc-timeout", "0n")))
    refused(answer, EXPIRED, "deadline")


@pytest.mark.parametrize("encoding", ["gzip", "br", "nonsense"])
def test_an_unknown_encoding_names_those_known(zoo_server: ServerProcess, encoding: str) -> None:
    answer = ask(zoo_server, prefixed(GOOD, flag=1), with_header(("grpc-encoding", encoding)))
    refused(answer, UNIMPLEMENTED, f"'{encoding}'")
    assert "identity" in answer.headers["grpc-accept-encoding"]


def test_the_compressed_flag_without_an_encoding(zoo_server: ServerProcess) -> None:
    refused(ask(zoo_server, prefixed(GOOD, flag=1)), INTERNAL, "compressed", "grpc-encoding")


def test_a_flag_that_is_neither_0_nor_1(zoo_server: ServerProcess) -> None:
    refused(ask(zoo_server, prefixed(GOOD, flag=2)), INTERNAL, "expected 0")


def test_metadata_that_is_not_base64(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("token-bin", "!!!")))
    refused(answer, INVALID, "token-bin", "base64")


def test_no_message(zoo_server: ServerProcess) -> None:
    refused(ask(zoo_server, b""), INTERNAL, "without a message")


def test_headers_that_end_the_call(zoo_server: ServerProcess) -> None:
    with RawConnection(zoo_server.grpc) as connection:
        connection.send(connection.headers(1, end=True))
        refused(connection.answer(1), INTERNAL, "without a message")


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 50])
def test_half_a_message(zoo_server: ServerProcess, cut: int) -> None:
    refused(ask(zoo_server, prefixed(GOOD)[:cut]), INTERNAL, "ended inside its message")


def test_two_messages_on_a_unary_call(zoo_server: ServerProcess) -> None:
    refused(ask(zoo_server, prefixed(GOOD) * 2), UNIMPLEMENTED, "exactly one")


def test_bytes_after_the_message(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD) + b"x")
    assert answer.status in (UNIMPLEMENTED, INTERNAL)


def test_a_length_over_the_limit_is_refused_before_its_bytes_come(
    zoo_server: ServerProcess,
) -> None:
    with RawConnection(zoo_server.grpc) as connection:
        connection.call(1, prefixed(b"", length=0xFFFFFFFF), end=False)
        answer = connection.answer(1)
    refused(answer, EXHAUSTED, "4294967295", str(64 << 20))


def test_a_message_in_frames_of_one_byte(zoo_server: ServerProcess) -> None:
    with RawConnection(zoo_server.grpc) as connection:
        data = connection.headers(1)
        body = prefixed(GOOD)
        for i in range(len(body)):
            data += frame(DATA, i == len(body) - 1, 1, body[i : i + 1])
        connection.send(data)
        assert connection.answer(1).status == OK


def test_headers_over_the_limit_are_refused(zoo_server: ServerProcess) -> None:
    answer = ask(zoo_server, prefixed(GOOD), with_header(("x-much", "a" * 20_000)))
    assert answer.headers[":status"] == "431"
    refused(answer, EXHAUSTED, "less metadata", "16384")


def ended(connection: RawConnection) -> None:
    """The server closes this connection (with or without GOAWAY)."""
    for _ in connection.frames():
        pass


def test_a_header_bomb_is_not_unpacked_without_bound(zoo_server: ServerProcess) -> None:
    """A 4 KB value put into the table once, then named 100,000 times by one byte each."""
    with RawConnection(zoo_server.grpc) as connection:
        first = connection.encoder.encode([*GRPC_HEADERS, ("bomb", "b" * 4000)])
        connection.send(frame(HEADERS, 0, 1, first))
        try:
            for _ in range(7):
                connection.send(frame(CONTINUATION, 0, 1, b"\xbe" * 16000))
            connection.send(frame(CONTINUATION, 0x5, 1, b"\xbe" * 10))
            answer = connection.answer(1)
        except (ConnectionEndedError, OSError):
            return
        assert answer.reset is not None or answer.status not in (OK, -1)


def test_endless_continuation_frames_end_the_connection(zoo_server: ServerProcess) -> None:
    with RawConnection(zoo_server.grpc) as connection:
        connection.send(frame(HEADERS, 0, 1, connection.encoder.encode(GRPC_HEADERS)))
        value = connection.encoder.encode([("x", "y" * 4000)])
        try:
            for _ in range(10_000):
                connection.send(frame(CONTINUATION, 0, 1, value))
        except OSError:
            return  # the server has closed its side: what we want
        ended(connection)


def test_rapid_reset_ends_the_connection(zoo_server: ServerProcess) -> None:
    """CVE-2023-44487: open and reset, over and over."""
    with RawConnection(zoo_server.grpc) as connection:
        try:
            for stream in range(1, 20_001, 2):
                opened = connection.headers(stream)
                connection.send(opened + frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        except OSError:
            return
        goaway = connection.goaway()
        assert goaway is None or goaway.error_code() == ENHANCE_YOUR_CALM


def test_cancelling_within_the_limit_keeps_the_connection(zoo_server: ServerProcess) -> None:
    with RawConnection(zoo_server.grpc) as connection:
        for stream in range(1, 3001, 2):
            opened = connection.headers(stream)
            connection.send(opened + frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        connection.call(3001, prefixed(GOOD))
        assert connection.answer(3001).status == OK


@pytest.mark.parametrize(
    "garbage",
    {
        "HTTP/1.1": b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        "zeros": bytes(1000),
        "a preface and noise": PREFACE + b"\xff" * 1000,
        "DATA on stream 0": HELLO + frame(DATA, 0, 0, b"x"),
        "HEADERS on an even stream": HELLO + frame(HEADERS, 5, 2, b"\x83"),
        "a frame of 16 MiB": HELLO + b"\xff\xff\xff\0\0\0\0\0\1",
        "a window of 2^31": PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)),
        "a window update of 0": HELLO + frame(WINDOW_UPDATE, 0, 0, bytes(4)),
        "a short PING": HELLO + frame(PING, 0, 0, b"1234"),
        "headers that are not HPACK": HELLO + frame(HEADERS, 5, 1, b"\xff" * 99),
    }.items(),
    ids=lambda each: each[0],
)
def test_what_is_not_http2_ends_only_its_own_connection(
    zoo_server: ServerProcess, garbage: tuple[str, bytes]
) -> None:
    with RawConnection(zoo_server.grpc, hello=False) as connection:
        connection.send(garbage[1])
        ended(connection)


def test_a_flood_of_settings_or_pings_ends_or_is_answered(zoo_server: ServerProcess) -> None:
    for flood in (frame(SETTINGS, 0, 0), frame(PING, 0, 0, bytes(8))):
        with RawConnection(zoo_server.grpc) as connection:
            try:
                for _ in range(100):
                    connection.send(flood * 1000)
                connection.ping()
            except (OSError, ConnectionEndedError):
                continue


def test_more_streams_than_allowed_are_refused_not_queued(zoo_server: ServerProcess) -> None:
    """1,024 calls stay open unfinished; the next is reset, and all are let go with the socket."""
    with RawConnection(zoo_server.grpc) as connection:
        connection.send(b"".join(connection.headers(2 * i + 1) for i in range(1100)))
        kinds = {(got.kind, got.stream) for got in first_frames(connection)}
        assert any(kind == RST_STREAM and stream > 2048 for kind, stream in kinds)


def first_frames(connection: RawConnection) -> list[Frame]:
    """Everything the server sends before it answers a PING (or closes)."""
    connection.send(frame(PING, 0, 0, b"the last"))
    found = []
    for got in connection.frames():
        if got.kind == PING:
            break
        found.append(got)
    return found
