"""The options of `serve`, and what other commands share with it."""

import argparse
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.logs import LogFormat

if TYPE_CHECKING:
    from server.config.spec import ProviderChoice


@dataclass(frozen=True)
class ServeOptions:
    """Where to listen and what to serve; ports of 0 pick a free one."""

    repository: Path
    host: str = "127.0.0.1"
    grpc_port: int = 8001
    http_port: int = 8000
    unix_socket: str | None = None
    ready_file: Path | None = None
    log_format: LogFormat = "text"
    log_level: str = "info"
    log_slow_ms: float = 0.0  # log requests that took at least so long; 0: none
    log_sample: int = 0  # log one request in so many; 0: none
    execution_provider: "ProviderChoice" = "auto"  # of models whose configuration names none
    cache: Path = Path(".cache")  # what was measured on this machine
    assess: bool = True  # measure models after start-up, in the background
    strict: bool = False  # any model that cannot be loaded stops start-up
    drain_timeout_s: float = 30.0
    io_threads: int | None = None  # None: from the number of cores
    # Keyword arguments of EngineOptions: the limits of the transport.
    limits: dict[str, Any] = field(default_factory=dict)


PROVIDERS = ("auto", "cpu", "openvino", "cuda", "tensorrt")


def version_number(text: str) -> int:
    """Of a model; raises argparse.ArgumentTypeError."""
    if not re.fullmatch(r"[1-9]\d{0,17}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a version number such as 1")
    return int(text)


def add_execution_provider(parser: argparse.ArgumentParser) -> None:
    """--execution-provider, which serving and what tries out serving must agree on."""
    parser.add_argument(
        "--execution-provider",
        choices=PROVIDERS,
        default="auto",
        help="for models whose configuration names none (default auto: the fastest one here, found "
        "by measuring after start-up and remembered)",
    )


def add_cache_dir(parser: argparse.ArgumentParser) -> None:
    """--cache-dir; by default where the XDG Base Directory Specification has it."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111
    parser.add_argument(
        "--cache-dir",
        type=Path,
        default=home / "skein",
        metavar="DIR",
        help="keeps what was measured of models on this machine (default %(default)s)",
    )
