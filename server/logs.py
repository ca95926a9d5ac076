"""Log lines for people (text) or machines (one JSON object per line), on standard error."""

import json
import logging
import sys
import time
from typing import Literal

LogFormat = Literal["text", "json"]


def set_up(log_format: LogFormat, level: str = "info") -> None:
    """Configures the root logger of the process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def fields(**values: object) -> dict[str, object]:
    """`extra=` of a log call: shown as members in JSON, left out of text."""
    return {"fields": values}


class TextFormatter(logging.Formatter):
    """`12:00:00.123 info  message`"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(level)s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        record.level = f"{record.levelname.lower():<7}"
        return super().format(record)


class JsonFormatter(logging.Formatter):
    """Members: time (UTC), level, message, and the call's fields."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
