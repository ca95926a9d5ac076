"""A unary RPC as a function of bytes."""

from collections.abc import Callable
from typing import Any, TypeVar

from google.protobuf.message import DecodeError

Request = TypeVar("Request")


class RpcError(Exception):
    """A gRPC status other than OK; `code` is its name, such as "NOT_FOUND"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def unary(
    request_type: type[Request], method: Callable[[Request], Any]
) -> Callable[[bytes], bytes]:
    """`method` on messages as a function on their serialized form.

    What does not parse (truncated, not UTF-8) is INTERNAL, as gRPC's own servers answer.
    """

    def call(data: bytes) -> bytes:
        request: Any = request_type()
        try:
            request.ParseFromString(data)
        except (DecodeError, UnicodeDecodeError):
            name = request_type.__name__
            raise RpcError("INTERNAL", f"the request is not a valid {name} message") from None
        response: bytes = method(request).SerializeToString()
        return response

    return call
