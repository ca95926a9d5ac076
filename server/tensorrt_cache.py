"""Where TensorRT keeps what it builds."""

import logging
import os
from functools import cache
from pathlib import Path

_log = logging.getLogger(__name__)


@cache  # so that a folder that cannot be written is said once
def tensorrt_cache(folder: Path) -> Path | None:
    """<folder>/tensorrt, made with its parents, for TensorRT's provider makes none; None: it
    cannot be written."""
    path = folder / "tensorrt"
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK):
            raise PermissionError(f"{path} is not writable")
    except OSError as error:
        _log.warning("TensorRT's engines are not kept for the next start: %s (--cache-dir)", error)
        return None
    return path
