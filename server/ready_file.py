"""Tells whoever started the server where it listens."""

import json
import os
from pathlib import Path


def write_ready_file(path: Path, addresses: dict[str, str]) -> None:
    """Writes a JSON object of addresses; readers see the whole file or none."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(addresses) + "\n", encoding="utf-8")
    partial.replace(path)
