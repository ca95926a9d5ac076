"""Log lines."""

import json
import logging
from pathlib import Path

from server.logs import JsonFormatter, TextFormatter, fields
from server.ready_file import write_ready_file


def record(**extra: object) -> logging.LogRecord:
    logger = logging.getLogger("test")
    return logger.makeRecord(
        "server", logging.WARNING, "f", 1, "served %d", (3,), None, extra=fields(**extra)
    )


def test_json_lines_hold_the_fields() -> None:
    line = json.loads(JsonFormatter().format(record(model="digits", version=2)))
    assert line["message"] == "served 3"
    assert line["level"] == "warning"
    assert (line["model"], line["version"]) == ("digits", 2)
    assert line["time"].endswith("Z")


def test_text_lines_end_with_the_message() -> None:
    assert TextFormatter().format(record(model="digits")).endswith(" warning served 3")


def test_the_ready_file_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    write_ready_file(path, {"grpc": "127.0.0.1:1", "http": "127.0.0.1:2"})
    assert json.loads(path.read_text()) == {"grpc": "127.0.0.1:1", "http": "127.0.0.1:2"}
    assert list(tmp_path.iterdir()) == [path]
