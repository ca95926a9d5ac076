"""The options of `inspect`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.config.spec import Provider
from server.options import version_number

PROVIDERS: tuple[Provider, ...] = ("cpu", "openvino", "cuda", "tensorrt")
_EPILOG = """\
examples:
  python -m server inspect model_repository/digits
      the provider that its configuration names, else every one that is installed
  python -m server inspect model.onnx --execution-provider cuda
      on a machine without CUDA: predicted from the provider's list of kernels

The model is run once for each provider, and once more without optimization for the shapes of its
nodes: dynamic dimensions are 1, or what the first warm-up sample has. "Products" are the
convolutions and matrix products. What nobody can tell is "unknown". The exit code is 1 if the
model cannot be inspected and 2 if an option is wrong.
"""


@dataclass(frozen=True)
class InspectOptions:
    """`model`: an .onnx file or a model's folder; `provider` None: see above; `version` None: the
    one that unversioned requests would go to."""

    model: Path
    provider: Provider | None = None
    version: int | None = None
    json: Path | None = None


def parse_inspect(words: Sequence[str]) -> InspectOptions:
    """Exits with status 2 and a message if `words` are wrong."""
    parser = inspect_parser()
    parsed = parser.parse_args(words)
    if parsed.version is not None and not parsed.model.is_dir():
        parser.error(f"argument --version: {str(parsed.model)!r} is not a model's folder")
    return InspectOptions(parsed.model, parsed.execution_provider, parsed.version, parsed.json)


def inspect_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server inspect",
        description="Say what of a model really runs in INT8, where the rest runs, and what to do.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL", help="an .onnx file, or a model's folder REPO/NAME")
    add("--execution-provider", choices=PROVIDERS, help="the one to report on")
    add(
        "--version",
        type=version_number,
        metavar="N",
        help="of a folder; default: the highest served",
    )
    add("--json", type=_json, metavar="FILE", help="also write the reports, with every node")
    return parser


def _json(text: str) -> Path:
    path = Path(text)
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    return path
