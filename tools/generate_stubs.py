#!/usr/bin/env python3
"""Generates the Python stubs of proto/ into a package folder (default: server/proto).

protoc writes absolute imports and registers messages in protobuf's default descriptor pool; both
are rewritten, so that the stubs live inside the package and beside other packages' stubs of the
same messages (see server/proto/_pool.py). Needs grpcio-tools.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ("inference", "model_config", "health")
SIBLING_IMPORT = re.compile(rf"^import ((?:{'|'.join(PROTOS)})_pb2)", re.MULTILINE)
DEFAULT_POOL_IMPORT = "from google.protobuf import descriptor_pool as _descriptor_pool\n"
DEFAULT_POOL = "_descriptor_pool.Default()"


def relative_imports(text: str) -> str:
    """`import model_config_pb2 as x` -> `from . import model_config_pb2 as x`."""
    return SIBLING_IMPORT.sub(r"from . import \1", text)


def private_pool(text: str, module: str) -> str:
    """Registers the file in the package's own pool and under the package's module name.

    Raises ValueError when protoc's output no longer looks as expected: silently leaving the
    default pool in place would break processes that import another package's stubs.
    """
    replacements = {
        DEFAULT_POOL_IMPORT: "from ._pool import POOL as _pool\n",
        DEFAULT_POOL: "_pool",
        f"(DESCRIPTOR, '{module}', _globals)": "(DESCRIPTOR, __name__, _globals)",
    }
    for old, new in replacements.items():
        if text.count(old) != 1:
            raise ValueError(f"{module}.py: expected {old!r} once, found {text.count(old)} times")
        text = text.replace(old, new)
    return text


def rewrite(name: str, text: str) -> str:
    """One generated file's final text; `name` is its file name."""
    text = relative_imports(text)
    return private_pool(text, name.removesuffix(".py")) if name.endswith("_pb2.py") else text


def run_protoc(proto_dir: Path, out: Path) -> None:
    # Imported here so that the tests of the functions above need no grpcio-tools.
    from grpc_tools import protoc

    arguments = [
        "protoc",
        f"-I{proto_dir}",
        *(f"--{kind}_out={out}" for kind in ("python", "pyi", "grpc_python")),
        *(f"{name}.proto" for name in PROTOS),
    ]
    if protoc.main(arguments) != 0:
        sys.exit(f"protoc failed on {proto_dir}; its messages are above")


def generate(proto_dir: Path, out: Path) -> list[Path]:
    """Writes the stubs of every file in PROTOS under `out`; returns the files written."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        run_protoc(proto_dir, Path(scratch))
        written = []
        for generated in sorted(Path(scratch).iterdir()):
            target = out / generated.name
            target.write_text(rewrite(generated.name, generated.read_text()))
            written.append(target)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--proto", type=Path, default=ROOT / "proto", help="folder of .proto files")
    parser.add_argument("--out", type=Path, default=ROOT / "server" / "proto")
    arguments = parser.parse_args()
    generate(arguments.proto, arguments.out)


if __name__ == "__main__":
    main()
