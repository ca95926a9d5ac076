"""Tries types of inputs until the ONNX model answers as scikit-learn does."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from server.importing.attempt import Outcome, Trying, attempts
from server.importing.expectation import Answers, expected
from server.importing.inputs import Input, decide
from server.importing.options import ImportOptions
from server.importing.refusal import refusal, worst_rows
from server.importing.result import Result
from server.importing.samples import Samples, read_samples
from server.importing.source import Source, read_source
from server.making.error import CommandError
from server.making.provenance import sha256, tools
from server.making.text import first_line, say

_TOOLS = (
    "scikit-learn",
    "skl2onnx",
    "onnx",
    "numpy",
    "pandas",
    "onnxruntime",
    "onnxruntime-openvino",
    "onnxruntime-gpu",
)


def run(options: ImportOptions, folder: Path) -> Result:
    """Raises CommandError if no model agrees. The model's file is in `folder`."""
    source = read_source(options.model)
    samples = read_samples(options.samples, source)
    inputs = _decided(options.samples, samples)
    wanted = _expected(options.samples, source, samples)
    trying = Trying(source, samples.data, wanted, options.tolerance)
    failed: list[Outcome] = []
    for attempt in attempts(inputs):
        say(f"trying {attempt.title} on {samples.count} samples")
        path = folder / f"{len(failed)}.onnx"
        outcome = trying.outcome(attempt, path)
        if outcome.good:
            notes = [*source.notes, *samples.notes, *_explained(outcome, failed, inputs)]
            return _result(options, source, samples, outcome, path, notes)
        failed.append(outcome)
    for line in worst_rows(failed):
        say(line)
    raise CommandError(refusal(failed, options, samples.data))


def _decided(path: Path, samples: Samples) -> tuple[Input, ...]:
    try:
        return decide(samples.data)
    except CommandError as error:
        raise CommandError(f"{path}: {error}") from None


def _expected(path: Path, source: Source, samples: Samples) -> Answers:
    try:
        return expected(source, samples.data)
    except Exception as error:  # scikit-learn raises what its steps do
        said = first_line(error)
        raise CommandError(f"{path}: scikit-learn cannot answer these: {said}") from None


def _explained(good: Outcome, failed: Sequence[Outcome], decided: Sequence[Input]) -> Iterator[str]:
    """Why types are others than the samples' own, and what else a client should know."""
    for each in failed:
        if each.agreement is None:
            yield f"with {each.attempt.title} it could not be converted or run: {each.problem}"
        else:
            count, worst = len(each.agreement.differing), each.agreement.worst[0]
            yield (
                f"with {each.attempt.title} {count} samples differed, most in {worst.place}: "
                f"{worst.expected!r} became {worst.got!r}"
            )
    if failed:
        yield f"so it takes {good.attempt.title}"
    used = {each.name for each in good.inputs}
    unused = [f'"{each.name}"' for each in decided if each.name not in used]
    if unused:
        yield f"columns that it does not use, so that they are no inputs: {', '.join(unused)}"
    yield from good.notes


def _result(
    options: ImportOptions,
    source: Source,
    samples: Samples,
    outcome: Outcome,
    path: Path,
    notes: Sequence[str],
) -> Result:
    assert outcome.agreement is not None
    return Result(
        path=path,
        estimator=_title(source.model),
        kind=source.kind,
        classes=source.classes,
        inputs=outcome.inputs,
        outputs=outcome.outputs,
        agreement=outcome.agreement,
        tolerance=options.tolerance,
        notes=notes,
        provenance={
            "source": {"file": source.path.name, "sha256": source.sha256},
            "samples": {
                "file": options.samples.name,
                "sha256": sha256(options.samples),
                "rows": samples.count,
            },
            "tools": tools(_TOOLS),
        },
    )


def _title(model: Any) -> str:
    """ "Pipeline (ColumnTransformer, LogisticRegression)"."""
    name = type(model).__name__
    named = getattr(model, "steps", None)
    if named is None:
        return name
    return f"{name} ({', '.join(type(each).__name__ for _, each in named)})"
