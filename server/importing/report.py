"""The report for people."""

from collections.abc import Iterator, Sequence

from server.importing.agreement import Difference
from server.importing.answering import PROVIDER
from server.importing.result import Result
from server.making.text import table


def as_markdown(name: str, result: Result) -> str:
    """What it takes and gives, then what that rests on."""
    return "\n".join([*_head(name, result), *_tensors(result), *_agreement(result), *_rest(result)])


def input_table(result: Result) -> Iterator[str]:
    rows = [
        (each.name, each.datatype, f"[rows, {each.width}]", each.source) for each in result.inputs
    ]
    return table(("input", "datatype", "shape", "decided by samples of"), rows)


def difference_table(differences: Sequence[Difference]) -> Iterator[str]:
    headings = ("output", "row", "column", "scikit-learn", "ONNX", "difference")
    return table(headings, [_difference_row(each) for each in differences])


def _difference_row(each: Difference) -> tuple[str, ...]:
    is_label = each.output == "label"
    told = ("none" if each.size == 0 else "another") if is_label else f"{each.size:.2g}"
    where = (str(each.row), "" if is_label else str(each.column))
    return (each.output, *where, f"{each.expected!r}", f"{each.got!r}", told)


def _head(name: str, result: Result) -> Iterator[str]:
    yield f"# {name}: {result.estimator}"
    yield ""
    yield from (f"- {note}" for note in result.notes)
    yield ""


def _tensors(result: Result) -> Iterator[str]:
    yield "## Inputs and outputs"
    yield ""
    yield from input_table(result)
    yield ""
    yield "A missing number is NaN, a missing string the empty one."
    yield ""
    rows = [(each["name"], each["datatype"], str(each["dims"])) for each in result.outputs]
    yield from table(("output", "datatype", "dims (-1: rows)"), rows)
    yield ""
    if result.classes:
        classes = ", ".join(f"`{each}`" for each in result.classes)
        yield f"Columns of probabilities: {classes}."
        yield ""


def _agreement(result: Result) -> Iterator[str]:
    yield "## Agreement with scikit-learn"
    yield ""
    rows = result.agreement.rows
    yield f"{rows} samples, run on the {PROVIDER} provider. Labels are equal; numbers differ by at"
    yield f"most {result.tolerance:g}: probabilities as such, others relative to the larger of the"
    yield "value and the root mean square of its output. The largest differences:"
    yield ""
    yield from difference_table(result.agreement.largest)
    yield ""


def _rest(result: Result) -> Iterator[str]:
    yield "## Made from"
    yield ""
    for key, value in result.provenance.items():
        pairs = value.items() if isinstance(value, dict) else [("", value)]
        told = ", ".join(f"{name} {each}".strip() for name, each in pairs)
        yield f"- {key}: {told}"
    yield ""
