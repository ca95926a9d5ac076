"""The steps of a fitted model."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline


def steps(model: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every estimator that is no container, with the names that lead to it ("prepare/scale")."""
    if isinstance(model, Pipeline):
        named = list(model.steps)
    elif isinstance(model, ColumnTransformer):
        named = [(name, each) for name, each, _ in model.transformers_]
    elif isinstance(model, FeatureUnion):
        named = list(model.transformer_list)
    else:
        yield path or type(model).__name__, model
        return
    for name, each in named:
        if each is not None and not isinstance(each, str):  # "passthrough", "drop"
            yield from steps(each, f"{path}/{name}" if path else name)


def first_step(model: Any) -> Any:
    """What sees the columns first."""
    return first_step(model.steps[0][1]) if isinstance(model, Pipeline) else model


def text_columns(model: Any) -> set[str]:
    """Columns that the model knows as strings: those whose categories or fill values are."""
    return {
        name for name, _, known in _learnt(model) if any(isinstance(each, str) for each in known)
    }


def none_columns(model: Any) -> set[str]:
    """Columns whose missing values were None to the model; in others they are NaN."""
    return {
        name
        for name, step, known in _learnt(model)
        if getattr(step, "missing_values", 0) is None or any(each is None for each in known)
    }


def _learnt(model: Any) -> Iterator[tuple[str, Any, Sequence[Any]]]:
    """Column, the step that sees it first, and its categories or fill value."""
    first = first_step(model)
    if isinstance(first, ColumnTransformer):
        for _, step, columns in first.transformers_:
            names = [columns] if isinstance(columns, str) else list(columns)
            if all(isinstance(name, str) for name in names):
                yield from _learnt_by(first_step(step), names)
    elif hasattr(first, "feature_names_in_"):
        yield from _learnt_by(first, list(first.feature_names_in_))


def _learnt_by(step: Any, names: list[str]) -> Iterator[tuple[str, Any, Sequence[Any]]]:
    known = getattr(step, "categories_", None)
    if known is None:
        known = [[value] for value in getattr(step, "statistics_", ())]
    if len(known) == len(names):
        yield from ((name, step, list(values)) for name, values in zip(names, known, strict=True))


def is_missing(value: Any) -> bool:
    """None, NaN or pandas' NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
