"""From a fitted model to an ONNX one."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from onnx import ModelProto
from skl2onnx import convert_sklearn
from skl2onnx.common import data_types
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from server.importing.graph import tidy
from server.importing.inputs import Input
from server.importing.missing_text import for_conversion
from server.importing.source import Source
from server.importing.steps import first_step, steps
from server.making.error import CommandError
from server.making.text import first_line

_OPSETS = {"": 21, "ai.onnx.ml": 3}  # every runtime that serves knows them
_TYPES = {
    "FP32": data_types.FloatTensorType,
    "FP64": data_types.DoubleTensorType,
    "INT64": data_types.Int64TensorType,
    "BOOL": data_types.BooleanTensorType,
    "BYTES": data_types.StringTensorType,
}


def convert(source: Source, inputs: Sequence[Input], rows: Any) -> ModelProto:
    """`rows`: some samples. Raises CommandError that names the step which cannot be converted."""
    outputs = source.outputs
    _need_free_names(source, inputs, outputs)
    model = for_conversion(source.model)
    if source.columns is not None and not isinstance(first_step(model), ColumnTransformer):
        rest = model.steps if isinstance(model, Pipeline) else [("model", model)]
        model = Pipeline([("columns", _gathering(rows)), *rest])
    types = [(each.name, _TYPES[each.datatype]([None, each.width])) for each in inputs]
    try:
        with _hushed():
            made: ModelProto = convert_sklearn(
                model, initial_types=types, options=_options(model), target_opset=_OPSETS
            )
    except Exception as error:  # converters raise what they like
        raise CommandError(f"{source.path}: {_why(source.model, error)}") from None
    tidy(made, [each.name for each in inputs], outputs)
    return made


def _need_free_names(source: Source, inputs: Sequence[Input], outputs: Sequence[str]) -> None:
    taken = [f'"{each.name}"' for each in inputs if each.name in outputs]
    if taken:
        problem = "has the name of an output: fit the pipeline on a column of another name"
        raise CommandError(f"{source.path}: column {taken[0]} {problem}")


def _options(model: Any) -> dict[int, dict[str, bool]] | None:
    """No maps of probabilities: the protocol has none. Options go to the estimator itself, because
    a Pipeline hands on those that not every estimator knows."""
    last = model
    while isinstance(last, Pipeline):
        last = last.steps[-1][1]
    if not is_classifier(last):
        return None
    return {id(last): {"nocl": False} if isinstance(last, LinearSVC) else {"zipmap": False}}


def _gathering(rows: Any) -> ColumnTransformer:
    """Puts columns side by side; most converters take a single input."""
    return ColumnTransformer([("columns", "passthrough", list(rows.columns))]).fit(rows)


def _why(model: Any, error: Exception) -> str:
    said = first_line(error)
    guilty = [
        f'"{path}" ({type(step).__name__})'
        for path, step in steps(model)
        if type(step).__name__ in str(error)
    ]
    if not guilty:
        return f"cannot be converted: {said}"
    return (
        f"step {guilty[0]} cannot be converted ({said}): replace it by steps that skl2onnx knows, "
        "or compute it before the model is called and fit the rest"
    )


@contextmanager
def _hushed() -> Iterator[None]:
    """What converters warn of is found by comparing answers."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
