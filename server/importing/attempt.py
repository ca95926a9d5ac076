"""One conversion, and how its answers compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from server.examine.examination import ExaminationError
from server.importing.agreement import Agreement, compare
from server.importing.answering import answers, open_model
from server.importing.conversion import convert
from server.importing.expectation import Answers
from server.importing.inputs import Input, widened
from server.importing.probes import unlike
from server.importing.source import Source
from server.making.error import CommandError
from server.making.text import first_line

_EXAMPLE_ROWS = 8


@dataclass(frozen=True)
class Attempt:
    """Inputs of some types; `title`: how they differ from those that were decided first."""

    title: str
    inputs: Sequence[Input]


@dataclass(frozen=True)
class Outcome:
    """`agreement` of a model that runs, else `problem`. Of a good one `outputs` as its file
    declares them, and what it answers unlike scikit-learn beside the samples."""

    attempt: Attempt
    agreement: Agreement | None = None
    problem: str = ""
    inputs: Sequence[Input] = ()  # that the model uses
    outputs: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()

    @property
    def good(self) -> bool:
        return self.agreement is not None and self.agreement.good


def attempts(decided: Sequence[Input]) -> Iterator[Attempt]:
    """In the order of preference."""
    yield Attempt("inputs of the samples' types", decided)
    kinds = {each.datatype for each in decided}
    if "FP32" in kinds:
        yield Attempt("FP64 inputs", widened(decided, double=True, integers=False))
    if kinds & {"INT64", "BOOL"}:
        yield Attempt("integers as FP32", widened(decided, double=False, integers=True))
        yield Attempt("numbers as FP64", widened(decided, double=True, integers=True))


class Trying:
    """What all attempts have in common."""

    def __init__(self, source: Source, data: Any, wanted: Answers, tolerance: float) -> None:
        self._source = source
        self._data = data
        self._wanted = wanted
        self._tolerance = tolerance

    def outcome(self, attempt: Attempt, path: Path) -> Outcome:
        """Writes the model to `path`."""
        try:
            model = convert(self._source, attempt.inputs, self._data[:_EXAMPLE_ROWS])
            onnx.save(model, path)
            return self._compared(attempt, path)
        except CommandError as error:
            return Outcome(attempt, problem=str(error))
        except ExaminationError as error:
            reason = first_line(error).replace(f"model file '{path}'", "").lstrip(": ")
            message = f"{self._source.path}: the converted model does not run: {reason}"
            return Outcome(attempt, problem=message)

    def _compared(self, attempt: Attempt, path: Path) -> Outcome:
        with open_model(path) as opened:
            taken = {each["name"] for each in opened.inputs}
            inputs = [each for each in attempt.inputs if each.name in taken]
            agreement = compare(self._wanted, answers(opened, inputs, self._data), self._tolerance)
            if not agreement.good:
                return Outcome(attempt, agreement)
            notes = unlike(self._source, opened, inputs, self._data, self._tolerance)
            return Outcome(attempt, agreement, "", inputs, opened.outputs, notes)
