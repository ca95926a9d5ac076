"""`python -m server quantize`: prints what was found, writes the version."""

import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from server.quantize.error import QuantizeError
from server.quantize.options import QuantizeOptions
from server.quantize.packages import need_packages
from server.quantize.progress import say

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def quantize(options: QuantizeOptions) -> int:
    """Returns the exit code. SIGTERM cleans up as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        need_packages()
        _quantize(options)
    except QuantizeError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt as interrupt:
        say(f"interrupted: {str(interrupt) or 'nothing was written'}")
        return _INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _quantize(options: QuantizeOptions) -> None:
    from server.examine.examination import ExaminationError
    from server.quantize.publish import publish
    from server.quantize.quantization import run
    from server.quantize.version_folder import check_output

    check_output(options.output)
    try:
        with _scratch() as scratch:
            result = run(options, scratch)
            _print(publish(result, options.output), options.output)
    except (ExaminationError, OSError) as error:  # a worker was killed, a disk is full
        raise QuantizeError(str(error)) from None


@contextmanager
def _scratch() -> Iterator[Path]:
    """Holds all temporary files, those of libraries and workers too: they go with it, whatever an
    interrupt finds half made."""
    with tempfile.TemporaryDirectory(prefix="skein-quantize-") as folder:
        before, tempfile.tempdir = tempfile.tempdir, folder
        try:
            yield Path(folder)
        finally:
            tempfile.tempdir = before


def _print(lines: Iterable[str], output: Path) -> None:
    """The version is written between two lines."""
    try:
        for line in lines:
            print(line, flush=True)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"see whether {output} has a new version") from None
