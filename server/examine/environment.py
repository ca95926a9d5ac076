"""What worker processes need to know."""

import os
from pathlib import Path

import server


def worker_environment() -> dict[str, str]:
    """Ours, with this package to be found from any folder."""
    home = str(Path(server.__file__).resolve().parents[1])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
