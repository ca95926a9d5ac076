"""A hand-made HTTP/2 client that breaks rules on purpose: frames over a plain socket.

It does only what a test tells it: no flow control, no acknowledgements. HPACK is the package's.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import hpack

from tests.e2e.client import INFER_PATH

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0x0, 0x1, 0x3, 0x4, 0x6, 0x7, 0x8, 0x9,
)  # fmt: skip
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
INITIAL_WINDOW_SIZE = 0x4
LIMIT_S = 60.0
GRPC_HEADERS = (
    (":method", "POST"),
    (":scheme", "http"),
    (":path", INFER_PATH),
    (":authority", "test"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
)
Header = tuple[str, str]


class Frame(NamedTuple):
    """One frame as received."""

    kind: int
    flags: int
    stream: int
    payload: bytes

    def error_code(self) -> int:
        """Of a RST_STREAM or GOAWAY."""
        at = 4 if self.kind == GOAWAY else 0
        return int.from_bytes(self.payload[at : at + 4])


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3) + struct.pack(">BBI", kind, flags, stream) + payload


def prefixed(message: bytes, *, flag: int = 0, length: int | None = None) -> bytes:
    """A gRPC message with its 5-byte prefix, which may lie."""
    return struct.pack(">BI", flag, len(message) if length is None else length) + message


def with_header(*changes: Header, without: Iterable[str] = ()) -> list[Header]:
    """GRPC_HEADERS with some replaced, added or left out."""
    changed = {name for name, _ in changes} | set(without)
    pseudo = [each for each in changes if each[0].startswith(":")]
    kept = [each for each in GRPC_HEADERS if each[0] not in changed]
    return [*pseudo, *kept, *(each for each in changes if each not in pseudo)]


@dataclass
class Answer:
    """What came back on one stream."""

    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""
    reset: int | None = None  # error code of RST_STREAM
    ended: bool = False

    @property
    def status(self) -> int:
        """grpc-status; -1 when there is none."""
        return int(self.headers.get("grpc-status", "-1"))

    @property
    def message(self) -> str:
        """grpc-message, still percent-encoded."""
        return self.headers.get("grpc-message", "")


class ConnectionEndedError(Exception):
    """The server closed the connection."""


class RawConnection:
    """One TCP connection that has said hello in HTTP/2, unless told not to."""

    def __init__(
        self,
        address: str,
        *,
        hello: bool = True,
        settings: Iterable[tuple[int, int]] = (),
        receive_buffer: int | None = None,
    ) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT_S)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, int(port)))
        self.encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()
        self._unread = b""
        if hello:
            payload = b"".join(struct.pack(">HI", *each) for each in settings)
            self.send(PREFACE + frame(SETTINGS, 0, 0, payload))

    def __enter__(self) -> "RawConnection":
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def headers(
        self, stream: int, headers: Iterable[Header] = GRPC_HEADERS, *, end: bool = False
    ) -> bytes:
        """A HEADERS frame, not yet sent. The order of these calls is the order to send them in."""
        flags = END_HEADERS | (END_STREAM if end else 0)
        return frame(HEADERS, flags, stream, self.encoder.encode(list(headers)))

    def call(
        self, stream: int, body: bytes, headers: Iterable[Header] = GRPC_HEADERS, end: bool = True
    ) -> None:
        """Sends a whole request; `body` includes the message prefix and fits the window."""
        chunks = [body[at : at + 16384] for at in range(0, len(body), 16384)] or [b""]
        data = self.headers(stream, headers)
        for i, chunk in enumerate(chunks):
            last = end and i == len(chunks) - 1
            data += frame(DATA, END_STREAM if last else 0, stream, chunk)
        self.send(data)

    def reset(self, stream: int, code: int = 8) -> None:
        self.send(frame(RST_STREAM, 0, stream, code.to_bytes(4)))

    def receive(self) -> Frame:
        """The next frame; raises ConnectionEndedError."""
        head = self._exactly(9)
        length = int.from_bytes(head[:3])
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        return Frame(kind, flags, stream & 0x7FFFFFFF, self._exactly(length))

    def frames(self) -> Iterator[Frame]:
        """Until the connection ends."""
        while True:
            try:
                yield self.receive()
            except ConnectionEndedError:
                return

    def answer(self, stream: int) -> Answer:
        """Reads until the stream has ended (or was reset); other streams' frames are dropped."""
        answer = Answer()
        while not answer.ended:
            got = self.receive()
            if got.kind == HEADERS:
                fields = self._decoder.decode(got.payload)
                if got.stream == stream:
                    answer.headers.update((str(name), str(value)) for name, value in fields)
            if got.stream != stream:
                continue
            if got.kind == DATA:
                answer.data += got.payload
            if got.kind == RST_STREAM:
                answer.reset = got.error_code()
            ended = got.kind in (DATA, HEADERS) and got.flags & END_STREAM
            answer.ended = bool(ended) or got.kind == RST_STREAM
        return answer

    def goaway(self) -> Frame | None:
        """The last GOAWAY before the connection ends, if any."""
        found = None
        for each in self.frames():
            found = each if each.kind == GOAWAY else found
        return found

    def ping(self) -> None:
        """Returns when the server has answered a PING: it has read all that was sent before."""
        self.send(frame(PING, 0, 0, b"in order"))
        while self.receive()[:2] != (PING, ACK):
            pass

    def _exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                raise ConnectionEndedError
            self._unread += more
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken
