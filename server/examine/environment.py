"""How worker processes are started, and what they do first."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import server

_PR_SET_PDEATHSIG = 1


def start_worker(module: str, errors: "IO[bytes] | int", folder: str) -> "subprocess.Popen[bytes]":
    """`python -m module`, to be spoken to by pipes. In a process group of its own, because Ctrl-C
    is the parent's to handle; in our session, because the scheduler weighs niceness within one.
    `folder`: where it puts temporary files."""
    home = str(Path(server.__file__).resolve().parents[1])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-m", module, str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "TMPDIR": folder},
        process_group=0,
    )


def be_a_worker() -> None:
    """In the worker, first: it ends with its parent, takes signals, and is what the kernel ends
    when memory runs out."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
    with contextlib.suppress(OSError):  # not every container shows it
        Path("/proc/self/oom_score_adj").write_text("1000")
