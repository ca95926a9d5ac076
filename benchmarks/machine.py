"""What a result must say about where it came from, and CPU time of other processes."""

import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.tools import ROOT


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, in nanosecond steps (/proc/PID/stat has 10 ms ones)."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_model() -> str:
    """The processor's name, else its architecture."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def commit() -> str:
    """The short commit, with "+" when files differ from it; "unknown" outside a checkout."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    try:
        changed = "+" if git("status", "--porcelain", "--untracked-files=no") else ""
        return git("rev-parse", "--short=10", "HEAD") + changed or "unknown"
    except OSError:
        return "unknown"


def runtime_version() -> str:
    """Name and version of the installed ONNX Runtime wheel."""
    for name in ("onnxruntime-openvino", "onnxruntime", "onnxruntime-gpu"):
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return "none"


def stamp(module: str = "benchmarks") -> dict[str, str]:
    """Date, command, commit, processor, cores this process may use, kernel and versions.

    `module`: what `python -m` was given.
    Take it before measuring: the load average tells how busy the machine was with other work.
    """
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
        "command": " ".join(["python", "-m", module, *sys.argv[1:]]),
        "commit": commit(),
        "cpu": cpu_model(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load average before": f"{os.getloadavg()[0]:.2f}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "runtime": runtime_version(),
    }
