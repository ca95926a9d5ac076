"""Progress bars on a terminal, plain lines elsewhere; both on stderr."""

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

from server.making.text import say

Item = TypeVar("Item")


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """`items`, while somebody watches."""
    from tqdm import tqdm

    if sys.stderr.isatty():
        yield from tqdm(items, desc=what, leave=False, dynamic_ncols=True)
    else:
        say(f"{what}: {len(items)} steps")
        yield from items
