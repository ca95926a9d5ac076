"""Keeps the cores of a virtual machine from halting while something is measured.

An idle virtual core is given back to the host, and waking it again can take milliseconds when the
host is busy: a stall of the machine, not of what is measured, which shows in every open loop. One
endless loop per core in the idle scheduling class runs only when nothing else wants the core, and
gives way at once.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_LOOP = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == int(sys.argv[2]):
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def awake() -> Iterator[None]:
    """Until the end of the block, every core that this process may use runs something."""
    with ExitStack() as stack:
        for core in os.sched_getaffinity(0):
            command = [sys.executable, "-S", "-c", _LOOP, str(core), str(os.getpid())]
            loop = stack.enter_context(subprocess.Popen(command))
            stack.callback(loop.kill)
        yield
