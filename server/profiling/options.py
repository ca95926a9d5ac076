"""The options of `profile`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server.options import add_cache_dir, add_execution_provider, version_number

if TYPE_CHECKING:
    from server.config.spec import ProviderChoice

FORMS = (".png", ".html", ".json")

_EPILOG = """\
example:
  python -m server profile --repo model_repository --model digits --out digits.html
      measure model_repository/digits for 5 seconds, print the table and write it with a plot

The model is loaded as serving would load it and run with zeros (or with data like that of its
first warm-up sample, which a model with dynamic dimensions needs) as one request per batch.
Run it on the machine that will serve, with nothing else running. A plot (.png or .html) needs
matplotlib: pip install "skein-server[plot]". The exit code is 1 if the model cannot be measured
and 2 if an option is wrong.
"""


@dataclass(frozen=True)
class ProfileOptions:
    """What to measure, how long, and where to write it."""

    repository: Path
    model: str
    version: int | None = None  # None: the one that unversioned requests would go to
    seconds: float = 5.0
    out: Path | None = None
    cache: Path = Path(".cache")  # what was measured here before
    execution_provider: "ProviderChoice" = "auto"  # of a model whose configuration names none


def parse_profile(words: Sequence[str]) -> ProfileOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    parsed = profile_parser().parse_args(words)
    return ProfileOptions(
        repository=parsed.repo,
        model=parsed.model,
        version=parsed.version,
        seconds=parsed.seconds,
        out=parsed.out,
        cache=parsed.cache_dir,
        execution_provider=parsed.execution_provider,
    )


def profile_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server profile",
        description="Measure how long batches of each size of one model take.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--repo", type=Path, required=True, metavar="DIR", help="model repository")
    add("--model", required=True, metavar="M", help="a model in it")
    add(
        "--version",
        type=version_number,
        metavar="N",
        help="default: the highest that would be served",
    )
    add("--seconds", type=_seconds, default=5.0, metavar="S", help="time to measure (default 5)")
    add_execution_provider(parser)
    add_cache_dir(parser)
    add("--out", type=_out, metavar="FILE", help="also write a .png, .html or .json")
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds such as 5 or 0.5")
    return value


def _out(text: str) -> Path:
    path = Path(text)
    if path.suffix not in FORMS:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png, .html or .json")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    return path
