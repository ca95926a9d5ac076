"""Waits for a state of the server to come about. No test asserts how long that takes."""

import time
from collections.abc import Callable

from tests.server_process import ServerProcess

LIMIT_S = 60.0
POLL_S = 0.01


def until(reached: Callable[[], bool], server: ServerProcess, what: str) -> None:
    """Returns once `reached()`; fails when the server dies or a generous bound has passed."""
    deadline = time.monotonic() + LIMIT_S
    while not reached():
        assert server.process.poll() is None, f"the server died; its log:\n{server.log()}"
        assert time.monotonic() < deadline, f"{what}: not within {LIMIT_S:.0f} s"
        time.sleep(POLL_S)
