"""Lines of the keys of a config.pbtxt, which protobuf's parser does not tell."""

import re
from collections import Counter
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from server.config.lines import Lines, Location
from server.proto import model_config_pb2

_TOKEN = re.compile(
    r"(?P<space>\s+|#[^\n]*)|(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|[\w.+-]+|.", re.DOTALL
)


class _Token(NamedTuple):
    text: str
    line: int


def index_lines(text: str) -> Lines:
    """By location: repeated fields with a number, maps with the key: ("input", 0, "dims", 1).
    `text` has been parsed without an error."""
    reader = _Reader(text)
    reader.read_message(model_config_pb2.DESCRIPTOR.message_types_by_name["ModelConfig"], ())
    return reader.lines


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = Lines()
        self._tokens = _tokens(text)
        self._next = 0
        self._counts: Counter[Location] = Counter()

    def read_message(self, message: Descriptor, at: Location) -> None:
        """To the bracket that closes it, or the end."""
        while (token := self._take()).text not in ("}", ">", ""):
            if token.text in message.fields_by_name:
                field = message.fields_by_name[token.text]
                of_map = message.GetOptions().map_entry and field.name == "value"
                self._read_field(field, at if of_map else (*at, field.name), token.line)

    def _read_field(self, field: FieldDescriptor, at: Location, line: int) -> None:
        self.lines.add(at, line)
        self._skip(":")
        if not self._skip("["):
            self._read_value(field, at)
            return
        while not self._skip("]") and self._peek().text:
            self._read_value(field, at)
            self._skip(",")

    def _read_value(self, field: FieldDescriptor, at: Location) -> None:
        if field.is_repeated:
            at = (*at, self._element(field, at))
        self.lines.add(at, self._peek().line)
        self._take()
        if field.message_type is not None:
            self.read_message(field.message_type, at)
            return
        while self._peek().text.startswith(('"', "'")):  # adjacent strings are one
            self._take()

    def _element(self, field: FieldDescriptor, at: Location) -> str | int:
        entry = field.message_type
        if entry is not None and entry.GetOptions().map_entry:
            return self._map_key()
        self._counts[at] += 1
        return self._counts[at] - 1

    def _map_key(self) -> str:
        """Of the entry whose bracket is next: what follows its `key`."""
        depth = 0
        for number in range(self._next, len(self._tokens)):
            text = self._tokens[number].text
            depth += (text in "{<") - (text in "}>")
            if depth == 0:
                break
            if depth == 1 and text == "key":
                return self._tokens[number + 2].text.strip("\"'")
        return ""

    def _peek(self) -> _Token:
        return self._tokens[min(self._next, len(self._tokens) - 1)]

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _skip(self, text: str) -> bool:
        found = self._peek().text == text
        self._next += found
        return found


def _tokens(text: str) -> list[_Token]:
    """Without space and comments; the last one is empty."""
    tokens = []
    line = 1
    for match in _TOKEN.finditer(text):
        if match["space"] is None:
            tokens.append(_Token(match[0], line))
        line += match[0].count("\n")
    return [*tokens, _Token("", line)]
