"""Lines that say what is being done and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints `title` at once and the seconds behind it when done."""
    start = time.monotonic()
    print(f"{title} ...", end="", flush=True)
    try:
        yield
    except BaseException:
        print(" FAILED", flush=True)
        raise
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def heading(title: str) -> None:
    print(f"\n== {title}", flush=True)


def size(count: int) -> str:
    """Bytes as MB, the unit of image sizes."""
    return f"{count / 1e6:,.1f} MB"
