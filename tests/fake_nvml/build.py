"""Builds the library that stands in for the NVIDIA driver's."""

import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent / "nvml.c"


def build(folder: Path) -> Path:
    """`folder`, which then holds it under the name that NVML is opened by."""
    command = ["gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", str(SOURCE)]
    subprocess.run([*command, "-o", str(folder / "libnvidia-ml.so.1")], check=True)
    return folder
