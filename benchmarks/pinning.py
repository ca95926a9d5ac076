"""Servers on cores of their own, so that the generator does not take time from them."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Cores = frozenset[int]


@dataclass(frozen=True)
class Pinning:
    """Where processes may run; None: wherever this one may."""

    server: Cores | None = None  # servers, yardsticks and bare loops
    generator: Cores | None = None  # the benchmark itself and every load generator

    def __str__(self) -> str:
        if self.server is None or self.generator is None:
            return "no"
        return f"servers on {_text(self.server)}, generators on {_text(self.generator)}"

    def apply(self) -> None:
        """Moves this process; what it starts goes along, but for what is started with `on`."""
        if self.generator is not None:
            os.sched_setaffinity(0, self.generator)


@contextmanager
def on(cores: Cores | None) -> Iterator[None]:
    """Processes that this thread starts in the block run on `cores` only; None: as it does."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, own if cores is None else cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def add_option(parser: argparse.ArgumentParser) -> None:
    """--pin; the parsed value is a Pinning."""
    parser.add_argument(
        "--pin",
        type=_parse,
        default=Pinning(),
        metavar="SERVER:GENERATOR",
        help="cores for servers and for generators, as in 0:1 or 0-2,6:3 (default: not pinned)",
    )


def _parse(text: str) -> Pinning:
    try:
        server, generator = (_cores(part) for part in text.split(":"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: expected cores as in 0-2,6:3") from error
    missing = (server | generator) - os.sched_getaffinity(0)
    if missing:
        raise argparse.ArgumentTypeError(
            f"{text!r}: core {min(missing)} is not among this process's "
            f"{_text(frozenset(os.sched_getaffinity(0)))}"
        )
    return Pinning(server, generator)


def _cores(text: str) -> Cores:
    """ "0-2,6" -> {0, 1, 2, 6}."""
    cores: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        chosen = range(int(first), int(last or first) + 1)
        if not chosen or len(chosen) > 1024:
            raise ValueError(part)
        cores.update(chosen)
    return frozenset(cores)


def _text(cores: Cores) -> str:
    return ",".join(map(str, sorted(cores)))
