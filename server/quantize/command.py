"""`python -m server quantize`: prints what was found, writes the version."""

import tempfile
from pathlib import Path

from server.quantize.error import QuantizeError
from server.quantize.options import QuantizeOptions
from server.quantize.packages import need_packages
from server.quantize.progress import say

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def quantize(options: QuantizeOptions) -> int:
    """Returns the exit code."""
    try:
        need_packages()
        _quantize(options)
    except QuantizeError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted: nothing was written")
        return _INTERRUPTED
    return 0


def _quantize(options: QuantizeOptions) -> None:
    from server.examine.examination import ExaminationError
    from server.quantize.publish import publish
    from server.quantize.quantization import run
    from server.quantize.version_folder import check_output

    check_output(options.output)
    try:
        with tempfile.TemporaryDirectory(prefix="skein-quantize-") as scratch:
            result = run(options, Path(scratch))
            for line in publish(result, options.output):
                print(line)
    except (ExaminationError, OSError) as error:  # a worker was killed, a disk is full
        raise QuantizeError(str(error)) from None
