"""Writes what came out into the repository, and says where and what is left to do."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from server.importing.answering import LARGEST, PROVIDER
from server.importing.report import as_markdown, difference_table, input_table
from server.importing.result import Result, as_json
from server.making.version_folder import configuration_file, write_version

_YAML = f"""\
# Written by python -m server import; what it rests on is in 1/import.md.
max_batch_size: {LARGEST}
execution_provider: {PROVIDER}  # on which it was held against scikit-learn
"""
_PROBABILITIES = "probabilities"
_LABELS = f"labels: {{{_PROBABILITIES}: labels.txt}}\n"


def publish(result: Result, output: Path) -> Iterator[str]:
    """The lines to print, the last ones once the version is there."""
    extra = {
        "import.json": as_json(result),
        "import.md": as_markdown(output.name, result).encode(),
    }
    names = [str(each) for each in result.classes]
    if names and not any("\n" in name or "\r" in name for name in names):
        extra["labels.txt"] = "".join(f"{name}\n" for name in names).encode()
    yield from input_table(result)
    yield f"{result.agreement.rows} samples agree with scikit-learn; the largest differences:"
    yield from difference_table(result.agreement.largest)
    yield from result.notes
    yaml = _YAML + (_LABELS if _names_probabilities(result, extra) else "")
    written = write_version(output, result.path, extra, yaml)
    yield f"wrote {written.folder}"
    if not written.configured:
        there = configuration_file(output)
        where = f"{there} was not changed" if there else f"{output} has other versions"
        yield f"{where}; this version is meant to be served with:"
        yield from yaml.splitlines()[1:]


def _names_probabilities(result: Result, files: Mapping[str, bytes]) -> bool:
    """Whether clients can ask for classes by name."""
    outputs = {output["name"] for output in result.outputs}
    return "labels.txt" in files and _PROBABILITIES in outputs
