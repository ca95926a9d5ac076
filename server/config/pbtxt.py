"""Reads config.pbtxt into Triton's ModelConfig message, keeping lines and columns of errors."""

import re
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.descriptor import Descriptor

from server.config.lines import Lines
from server.config.pbtxt_lines import index_lines
from server.config.problem import ConfigError, Problem, suggestion
from server.proto import model_config_pb2

_UNKNOWN_FIELD = re.compile(r'Message type "([\w.]+)" has no field named "(\w+)"')
_UNKNOWN_VALUE = re.compile(r'Enum type "([\w.]+)" has no value named (\w+)')


def parse_pbtxt(path: Path, text: str) -> tuple[model_config_pb2.ModelConfig, Lines]:
    """The message in `text` and where its fields stand; raises ConfigError with line, column and
    the nearest known name."""
    message = model_config_pb2.ModelConfig()
    try:
        text_format.Parse(text, message)
    except text_format.ParseError as error:
        line, column = error.GetLine(), error.GetColumn()
        reason = re.sub(r"^\d+:\d+ : ", "", str(error))
        reason = re.sub(r"^'.*': ", "", reason)
        at = f" (column {column})" if column else ""
        raise ConfigError([Problem(path, f"{reason}{_hint(reason)}{at}", line)]) from None
    return message, index_lines(text)


def _hint(reason: str) -> str:
    if match := _UNKNOWN_FIELD.search(reason):
        descriptor = _message_type(match[1])
        if descriptor is not None:
            return suggestion(match[2], descriptor.fields_by_name)
    if match := _UNKNOWN_VALUE.search(reason):
        enum = model_config_pb2.DESCRIPTOR.enum_types_by_name.get(match[1].split(".")[-1])
        if enum is not None:
            return suggestion(match[2], enum.values_by_name)
    return ""


def _message_type(full_name: str) -> Descriptor | None:
    parts = full_name.removeprefix("inference.").split(".")
    found = model_config_pb2.DESCRIPTOR.message_types_by_name.get(parts[0])
    for part in parts[1:]:
        found = found.nested_types_by_name.get(part) if found is not None else None
    return found
