"""The steps of a fitted model."""

from collections.abc import Iterator
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
    found: set[str] = set()
    first = first_step(model)
    if isinstance(first, ColumnTransformer):
        for _, step, columns in first.transformers_:
            names = [columns] if isinstance(columns, str) else list(columns)
            if all(isinstance(name, str) for name in names):
                found |= _known_as_text(first_step(step), names)
    elif hasattr(first, "feature_names_in_"):
        found |= _known_as_text(first, list(first.feature_names_in_))
    return found


def _known_as_text(step: Any, names: list[str]) -> set[str]:
    known = getattr(step, "categories_", None)
    if known is None:
        known = [[value] for value in getattr(step, "statistics_", ())]
    if len(known) != len(names):
        return set()
    pairs = zip(names, known, strict=True)
    return {name for name, values in pairs if any(isinstance(each, str) for each in values)}


def is_missing(value: Any) -> bool:
    """None, NaN or pandas' NA."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
