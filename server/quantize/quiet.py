"""Runs onnxruntime's Python tools without their noise."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path

_FATAL = 4  # ONNX Runtime's log level


@contextmanager
def hushed() -> Iterator[None]:
    """For onnxruntime's Python tools: they print and log what matters to their authors, and leave
    files in the working folder; what matters here is raised. Paths inside are absolute."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(_FATAL)
    logging.disable(logging.ERROR)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="skein-quantize-") as folder,
            chdir(folder),
            Path(os.devnull).open("w") as nowhere,
            redirect_stdout(nowhere),
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)
