"""What an ONNX model answers when it runs as in serving."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from server.examine.examination import Examination
from server.examine.subject import Subject
from server.importing.expectation import Answers, labels
from server.importing.inputs import Input, feed

PROVIDER = "cpu"
LARGEST = 32  # rows; what is served as one batch
_ALONE = 32  # rows that are run one by one as well


def open_model(path: Path) -> Examination:
    """In a worker process. Raises ExaminationError, as its runs do."""
    return Examination(Subject(path=str(path), provider=PROVIDER))


def answers(opened: Examination, inputs: Sequence[Input], data: Any) -> Answers:
    """The first rows alone, the rest in batches."""
    arrays = feed(inputs, data)
    used = {each["name"] for each in opened.inputs}
    given = {name: array for name, array in arrays.items() if name in used}
    parts = [
        opened.outputs_of({name: array[at] for name, array in given.items()})
        for at in _batches(len(data))
    ]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {
        name: labels(each) if name == "label" else each.reshape(len(data), -1)
        for name, each in joined.items()
    }


def _batches(rows: int) -> list[slice]:
    alone = min(rows, _ALONE)
    ends = [*range(1, alone + 1), *range(alone + LARGEST, rows, LARGEST), rows]
    starts = [0, *ends[:-1]]
    return [slice(start, end) for start, end in zip(starts, ends, strict=True) if start < end]
