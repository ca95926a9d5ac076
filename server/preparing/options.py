"""The options of `preprocess`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_EPILOG = """\
examples:
  python -m server preprocess models/resnet cat.jpg dog.png --output tensors.npy
      what models/resnet gets of these pictures when they are sent to the server
  python -m server preprocess preprocess.yaml pictures --output tensors.npz
      of all pictures in a folder, in the order of their names

DECLARATION is a model's folder, its model.yaml, or a file with only the sections inputs (name,
datatype and dims of each) and preprocess. DATA is, where the input is made of
  image     pictures (JPEG, PNG, WebP), or folders of them
  columns   files with a row as JSON on every line
  text      text files with one text on every line

FILE.npz holds every tensor under the name of its input, FILE.npy the only one; rows are in the
order of DATA. BF16 is written as its bits, in UINT16. The exit code is 1 if something cannot be
prepared and 2 if an option is wrong.
"""


@dataclass(frozen=True)
class PreprocessOptions:
    """What to prepare, how, and where to."""

    declaration: Path
    data: tuple[Path, ...]
    output: Path
    input: str | None = None  # None: the only one that is declared
    threads: int | None = None  # None: one per core


def parse_preprocess(words: Sequence[str]) -> PreprocessOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    parsed = preprocess_parser().parse_args(words)
    return PreprocessOptions(
        parsed.declaration, tuple(parsed.data), parsed.output, parsed.input, parsed.threads
    )


def preprocess_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server preprocess",
        description="Write the tensors that a model gets of raw data, to look at them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("declaration", type=Path, metavar="DECLARATION", help="model folder or YAML file")
    add("data", type=Path, nargs="+", metavar="DATA", help="files, or folders of pictures")
    add("--output", type=_array_file, required=True, metavar="FILE", help=".npy or .npz to write")
    add("--input", metavar="NAME", help="input to make (default: the only one declared)")
    add("--threads", type=_count, metavar="N", help="default: one per core")
    return parser


def _array_file(text: str) -> Path:
    path = Path(text)
    if path.suffix not in (".npy", ".npz"):
        raise argparse.ArgumentTypeError(f"{text!r} should end in .npy or .npz")
    return path


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1024")
    return int(text)
