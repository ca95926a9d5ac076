"""Reads protobuf's wire format without copying what nobody asks for: weights stay in the file."""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_FIXED_SIZE = {FIXED64: 8, FIXED32: 4}
Value = int | memoryview


class WireError(Exception):
    """The bytes are no protobuf message."""


def fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """(field number, value): an integer of a varint, else the bytes. Raises WireError."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = _varint(message, at)
        elif kind in _FIXED_SIZE:
            size = _FIXED_SIZE[kind]
        else:
            raise WireError(f"wire type {kind}")
        if number == 0 or at + size > len(message):
            raise WireError("a field that does not fit")
        yield number, message[at : at + size]
        at += size


def text(value: Value) -> str:
    """A string field."""
    return str(_bytes(value), "utf-8", "replace")


def message(value: Value) -> memoryview:
    """A message field."""
    return _bytes(value)


def integer(value: Value) -> int:
    """An int64 or enum field."""
    if isinstance(value, memoryview):
        raise WireError("bytes instead of an integer")
    return value - (1 << 64) if value >> 63 else value


def integers(value: Value) -> Iterator[int]:
    """One occurrence of a repeated int64 field: a single value, or several packed."""
    if isinstance(value, int):
        yield integer(value)
        return
    at = 0
    while at < len(value):
        number, at = _varint(value, at)
        yield integer(number)


def _bytes(value: Value) -> memoryview:
    if isinstance(value, int):
        raise WireError("an integer instead of bytes")
    return value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """The value and where it ends."""
    value = 0
    for index, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise WireError("a number without end")
