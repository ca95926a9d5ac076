"""Connections that end in the middle of requests, each in another place."""

import socket

from tests.e2e.http2 import DATA, END_STREAM, RawConnection, frame, prefixed

# SO_LINGER on, for 0 seconds: close() sends a TCP reset instead of a goodbye.
_NO_GOODBYE = b"\x01\0\0\0\0\0\0\0"


class Cutter:
    """Abandons calls of one request message, four to a connection."""

    def __init__(self, address: str, message: bytes) -> None:
        self._address = address
        self._body = prefixed(message)

    def cut(self, number: int) -> None:
        """One connection; `number` chooses where it ends."""
        connection = RawConnection(self._address)
        ways = (self._whole, self._half, self._reset, self._half_frame, self._after_an_answer)
        ways[number % len(ways)](connection, number)
        if number % 2:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_GOODBYE)
        connection.socket.close()

    def cut_many(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self.cut(number)

    def _whole(self, connection: RawConnection, number: int) -> None:
        """Whole requests; their answers are not read."""
        for stream in (1, 3, 5, 7):
            connection.call(stream, self._body)

    def _half(self, connection: RawConnection, number: int) -> None:
        for stream in (1, 3, 5, 7):
            connection.call(stream, self._body[: 1 + number % len(self._body)], end=False)

    def _reset(self, connection: RawConnection, number: int) -> None:
        for stream in (1, 3, 5, 7):
            connection.call(stream, self._body)
            connection.reset(stream)

    def _half_frame(self, connection: RawConnection, number: int) -> None:
        data = connection.headers(1) + frame(DATA, END_STREAM, 1, self._body)
        connection.send(data[: len(data) // 2])

    def _after_an_answer(self, connection: RawConnection, number: int) -> None:
        connection.call(1, self._body)
        connection.answer(1)
        for stream in (3, 5, 7):
            connection.call(stream, self._body)
