"""How a command that makes a version runs, and how it ends."""

import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from server.making.error import CommandError
from server.making.text import say

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def carry_out(work: Callable[[], None]) -> int:
    """Returns the exit code. SIGTERM cleans up as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        work()
    except CommandError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt as interrupt:
        say(f"interrupted: {str(interrupt) or 'nothing was written'}")
        return _INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


@contextmanager
def scratch(command: str) -> Iterator[Path]:
    """Holds all temporary files, those of libraries and workers too: they go with it, whatever an
    interrupt finds half made."""
    with tempfile.TemporaryDirectory(prefix=f"skein-{command}-") as folder:
        before, tempfile.tempdir = tempfile.tempdir, folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def print_lines(lines: Iterable[str], output: Path) -> None:
    """The version is written between two lines."""
    try:
        for line in lines:
            print(line, flush=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"see whether {output} has a new version") from None
