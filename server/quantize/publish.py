"""Writes what came out into the repository, and says where and what is left to do."""

from collections.abc import Iterator
from pathlib import Path

from server.making.version_folder import configuration_file, write_version
from server.quantize.markdown import accuracy_table, as_markdown, speed_table
from server.quantize.model_yaml import as_yaml, settings
from server.quantize.picture import picture
from server.quantize.result import Result, as_json
from server.truth.requirement import refusal
from server.truth.text import verdict


def publish(result: Result, output: Path) -> Iterator[str]:
    """The lines to print, the last ones once the version is there."""
    proven = result.truth is not None and refusal(result.truth) is None
    kept = result.choice.chosen.candidate
    keys = settings(kept, result.batched, bool(result.timings), proven)
    if result.preprocess:
        keys["preprocess"] = dict(result.preprocess)
    extra = {
        "quantization.json": as_json(result),
        "quantization.md": as_markdown(result).encode(),
        "quantization.svg": picture(result),
    }
    yield from _summary(result)
    written = write_version(
        output, result.choice.chosen.candidate.variant.path, extra, as_yaml(keys)
    )
    yield f"wrote {written.folder}"
    if not written.configured:
        there = configuration_file(output)
        where = f"{there} was not changed" if there else f"{output} has other versions"
        yield f"{where}; this version is meant to be served with:"
        yield from as_yaml(keys).splitlines()[1:]


def _summary(result: Result) -> Iterator[str]:
    yield from accuracy_table(result)
    if result.timings:
        yield from speed_table(result)
    yield from (*result.notes, *result.choice.reasons)
    if result.truth is not None:
        yield verdict(result.truth)
