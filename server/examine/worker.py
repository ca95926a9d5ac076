"""The worker process: one JSON line in, one JSON line out. Started by Examination."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from server.engine import CoreError, Runtime
from server.examine.arrays import load, save
from server.examine.environment import be_a_worker
from server.examine.opened import Opened
from server.examine.openvino import OpenVinoError
from server.examine.subject import Subject
from server.onnxruntime_locator import RuntimeNotFoundError, locate, preload


def main() -> int:
    """Serves commands until standard input ends."""
    be_a_worker()
    replies = _own_stdout()
    try:
        opened = _open(Subject.from_json(sys.stdin.readline()))
    except (CoreError, RuntimeNotFoundError, OSError) as error:
        _reply(replies, error=_words(error))
        return 1
    _reply(replies, result=opened.tensors())
    commands = _commands(opened)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = commands[request.pop("do")](**request)
        except (CoreError, OpenVinoError, KeyError, ValueError, OSError) as error:
            _reply(replies, error=_words(error))
        else:
            _reply(replies, result=result)
    return 0


def _open(subject: Subject) -> Opened:
    library = locate()
    preload(library)
    return Opened(Runtime(str(library.path)), subject)


def _commands(opened: Opened) -> dict[str, Callable[..., Any]]:
    def run(arrays: str, out: str) -> None:
        save(Path(out), opened.outputs_of(load(Path(arrays))))

    def run_synthetic(rows: int, out: str) -> None:
        save(Path(out), opened.synthetic_outputs(rows))

    return {
        "time": opened.time,
        "profile": opened.profile,
        "layers": opened.layers,
        "run": run,
        "run_synthetic": run_synthetic,
    }


def _own_stdout() -> TextIO:
    """Replies only: what libraries print goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return replies


def _reply(replies: TextIO, **reply: Any) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


def _words(error: Exception) -> str:
    if isinstance(error, CoreError):
        return error.message
    return str(error) if isinstance(error, OpenVinoError) else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
