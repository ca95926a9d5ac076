"""Signals as events: the first SIGTERM or SIGINT asks for a drain, the second ends at once."""

import os
import signal
import threading
from collections.abc import Callable

_STOPPING = frozenset({signal.SIGTERM, signal.SIGINT})


def block_signals() -> None:
    """Before any thread starts: threads inherit it, so only watch_signals() sees them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)


def watch_signals(on_first: Callable[[signal.Signals], None]) -> None:
    """Calls `on_first` on a thread of its own; a second signal ends the process."""

    def watch() -> None:
        on_first(signal.Signals(signal.sigwait(_STOPPING)))
        os._exit(128 + signal.sigwait(_STOPPING))

    threading.Thread(target=watch, name="signals", daemon=True).start()
