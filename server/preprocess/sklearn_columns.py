"""What fitted transformers of scikit-learn do, as options of Columns.

Covered: ColumnTransformer, Pipeline, SimpleImputer (with indicators), StandardScaler, RobustScaler,
MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder, KBinsDiscretizer and "passthrough".
Anything else is refused by name.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from server.preprocess.columns_error import ColumnsError

MissingRule = Literal["error", "nan"]


@dataclass(frozen=True)
class Draft:
    """One column between two steps, and what the steps so far make of it."""

    name: str
    missing: str
    transform: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    fill: Any = None

    @property
    def raw(self) -> bool:
        """Nothing was done to it yet."""
        return self.transform is None and self.fill is None

    @property
    def values(self) -> list[Any]:
        """Values of the column that are known, which tell its datatype."""
        return [*self.options.get("categories", ()), *([] if self.fill is None else [self.fill])]

    def feature(self, datatype: str) -> dict[str, Any]:
        """It as one of `features`."""
        made: dict[str, Any] = {"name": self.name, "datatype": datatype}
        if self.fill is not None:
            made["fill"] = _as_sent(self.fill, datatype)
        elif self.missing != "error":
            made["missing"] = self.missing
        if self.transform is not None:
            made[self.transform] = self._sent_options(datatype)
        return made

    def _sent_options(self, datatype: str) -> dict[str, Any]:
        sent = dict(self.options)
        if "categories" in sent:
            sent["categories"] = [_as_sent(value, datatype) for value in sent["categories"]]
        if "drop" in sent:
            sent["drop"] = _as_sent(sent["drop"], datatype)
        return sent


def options_of(
    transformer: Any,
    feature_names: Sequence[str] | None = None,
    *,
    missing: MissingRule = "error",
    datatypes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Options of Columns that compute what the fitted `transformer` does.

    `feature_names`: of its input columns; None: those it was fitted with, else x0, x1, ....
    `missing`: of numbers for which no step has a rule: scikit-learn lets NaN through ("nan").
    `datatypes`: what clients send, by column; others follow from the categories: texts are BYTES,
    whole numbers INT64, truth values BOOL, all else FP64.
    """
    names = _names(transformer, feature_names)
    drafts = _apply(transformer, [Draft(name, missing) for name in names], "transformer")
    if not drafts:
        raise ColumnsError("the transformer has no output columns")
    chosen = _datatypes(drafts) | dict(datatypes or {})
    return {"features": [draft.feature(chosen[draft.name]) for draft in drafts]}


def _names(transformer: Any, given: Sequence[str] | None) -> list[str]:
    if not hasattr(transformer, "n_features_in_"):
        raise ColumnsError(f"{type(transformer).__name__} is not fitted")
    count = int(transformer.n_features_in_)
    if given is None:
        given = getattr(transformer, "feature_names_in_", None)
    names = [f"x{number}" for number in range(count)] if given is None else list(map(str, given))
    if len(names) != count:
        raise ColumnsError(f"{len(names)} feature names; the transformer has {count} columns")
    return names


def _apply(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    """What `step` makes of the columns; `place` names it in messages."""
    if step is None or step == "passthrough":
        return drafts
    for kind, apply in _STEPS.items():
        if isinstance(step, kind):
            return apply(step, drafts, f"{place}: {type(step).__name__}")
    raise ColumnsError(
        f"{place}: {type(step).__name__} cannot be written as columns; there are "
        f"{', '.join(kind.__name__ for kind in _STEPS)}"
    )


def _column_transformer(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if step.transformer_weights:
        raise ColumnsError(f"{place}: transformer_weights cannot be written as columns")
    made: list[Draft] = []
    for name, fitted, columns in step.transformers_:
        if isinstance(fitted, str) and fitted == "drop":
            continue
        chosen = [drafts[position] for position in _positions(columns, step, place)]
        made += _apply(fitted, chosen, f"{place} {name!r}") if chosen else []
    return made


def _positions(columns: Any, step: Any, place: str) -> list[int]:
    names = [str(name) for name in getattr(step, "feature_names_in_", ())]
    count = int(step.n_features_in_)
    if isinstance(columns, slice):
        bounds = (columns.start, columns.stop)
        if any(isinstance(bound, str) for bound in bounds):
            start, stop = (None if each is None else names.index(each) for each in bounds)
            columns = slice(start, None if stop is None else stop + 1, columns.step)
        return [*range(count)[columns]]
    chosen = [columns] if isinstance(columns, str | int) else list(columns)
    if chosen and all(isinstance(each, bool | np.bool_) for each in chosen):
        return [position for position, taken in enumerate(chosen) if taken]
    if not all(isinstance(each, str) or hasattr(each, "__index__") for each in chosen):
        raise ColumnsError(f"{place}: columns {columns!r} are not names or numbers")
    found = [names.index(each) if isinstance(each, str) else int(each) for each in chosen]
    return [position % count for position in found]


def _pipeline(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    for name, each in step.steps:
        drafts = _apply(each, drafts, f"{place} {name!r}")
    return drafts


def _function(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if step.func is not None:
        raise ColumnsError(f"{place}: a function of Python cannot be written as columns")
    return drafts


def _imputer(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if not _is_missing(step.missing_values):
        raise ColumnsError(f"{place}: missing_values={step.missing_values!r}; NaN and None are")
    made: list[Draft] = []
    for draft, statistic in zip(drafts, step.statistics_, strict=True):
        if not draft.raw:
            raise ColumnsError(
                f"{place}: it comes after another step for {draft.name!r}; missing "
                "values are filled first"
            )
        fill = _plain(statistic)
        if _is_missing(fill) and not step.keep_empty_features:
            continue  # a column that was empty in training has no output
        made.append(replace(draft, fill=0.0 if _is_missing(fill) else fill, missing="error"))
    indicator = step.indicator_
    for position in indicator.features_ if indicator is not None else ():
        name = drafts[position].name
        made.append(Draft(name, "error", "is_missing", {"present": 0.0, "missing": 1.0}))
    return made


def _scaled(
    drafts: list[Draft],
    place: str,
    transform: str,
    options: list[dict[str, float]],
    compute: Callable[[float, dict[str, float]], float],
) -> list[Draft]:
    """Draft by draft with its options; indicators are scaled at once, by `compute`."""
    made = []
    for draft, own in zip(drafts, options, strict=True):
        if draft.transform is None:
            made.append(replace(draft, transform=transform, options=own))
        elif draft.transform == "is_missing":
            scaled = {key: compute(value, own) for key, value in draft.options.items()}
            made.append(replace(draft, options=scaled))
        else:
            raise ColumnsError(
                f"{place}: {draft.name!r} went through {draft.transform} before; "
                "one transform is allowed"
            )
    return made


def _standardize(mean: Any, scale: Any, drafts: list[Draft], place: str) -> list[Draft]:
    means = [0.0] * len(drafts) if mean is None else np.asarray(mean).tolist()
    scales = [1.0] * len(drafts) if scale is None else np.asarray(scale).tolist()
    options = [{"mean": m, "scale": s} for m, s in zip(means, scales, strict=True)]
    return _scaled(drafts, place, "standardize", options, lambda x, o: (x - o["mean"]) / o["scale"])


def _standard_scaler(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    return _standardize(
        step.mean_ if step.with_mean else None,
        step.scale_ if step.with_std else None,
        drafts,
        place,
    )


def _robust_scaler(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    return _standardize(
        step.center_ if step.with_centering else None,
        step.scale_ if step.with_scaling else None,
        drafts,
        place,
    )


def _max_abs_scaler(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if getattr(step, "clip", False):
        raise ColumnsError(f"{place}: clip=True cannot be written as columns")
    return _standardize(None, step.scale_, drafts, place)


def _min_max_scaler(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    low, high = map(float, step.feature_range)
    bounds = {"low": low, "high": high} if step.clip else {}
    options = [
        {"scale": scale, "min": least, **bounds}
        for scale, least in zip(step.scale_.tolist(), step.min_.tolist(), strict=True)
    ]

    def compute(x: float, own: dict[str, float]) -> float:
        scaled = x * own["scale"] + own["min"]
        return min(max(scaled, low), high) if bounds else scaled

    return _scaled(drafts, place, "min_max", options, compute)


def _one_hot(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if any(each is not None for each in getattr(step, "infrequent_categories_", None) or ()):
        raise ColumnsError(f"{place}: infrequent categories cannot be written as columns")
    ignored = step.handle_unknown != "error"
    drops = [None] * len(drafts) if step.drop_idx_ is None else list(step.drop_idx_)
    made = []
    for draft, fitted, drop in zip(drafts, step.categories_, drops, strict=True):
        categories, has_missing = _categories(draft, fitted, place)
        options: dict[str, Any] = {"categories": categories}
        if ignored:
            options["unknown"] = "ignore"
        missing = "category" if has_missing else "unknown" if ignored else "error"
        if drop is not None and int(drop) == len(categories):  # all 0, as unknown values are
            if not ignored:
                raise ColumnsError(f"{place}: {draft.name!r} drops the category of missing values")
            missing = "unknown"
        elif drop is not None:
            options["drop"] = categories[int(drop)]
        made.append(_encoded(draft, "one_hot", options, missing))
    return made


def _ordinal(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    if any(each is not None for each in getattr(step, "infrequent_categories_", None) or ()):
        raise ColumnsError(f"{place}: infrequent categories cannot be written as columns")
    ignored = step.handle_unknown == "use_encoded_value"
    made = []
    for draft, fitted in zip(drafts, step.categories_, strict=True):
        categories, has_missing = _categories(draft, fitted, place)
        options: dict[str, Any] = {"categories": categories}
        if ignored:
            options["unknown_value"] = float(step.unknown_value)
        missing = "unknown" if ignored else "error"
        if has_missing:
            encoded = float(step.encoded_missing_value)
            missing = "nan" if math.isnan(encoded) else "category"
            if missing == "category":
                options["missing_value"] = encoded
        made.append(_encoded(draft, "ordinal", options, missing))
    return made


def _encoded(draft: Draft, transform: str, options: dict[str, Any], missing: str) -> Draft:
    rule = "error" if draft.fill is not None else missing
    return replace(draft, transform=transform, options=options, missing=rule)


def _categories(draft: Draft, fitted: Any, place: str) -> tuple[list[Any], bool]:
    """Those that are values, and whether there is one of missing values after them."""
    if draft.transform is not None:
        raise ColumnsError(
            f"{place}: {draft.name!r} went through {draft.transform} before; one "
            "transform is allowed"
        )
    categories = [_plain(value) for value in fitted]
    values = [value for value in categories if not _is_missing(value)]
    if len(categories) - len(values) > 1:
        raise ColumnsError(f"{place}: {draft.name!r} has None and NaN as two categories")
    if not values:
        raise ColumnsError(f"{place}: {draft.name!r} has no category but missing values")
    return values, len(values) < len(categories)


def _bins(step: Any, drafts: list[Draft], place: str) -> list[Draft]:
    made = []
    for draft, edges in zip(drafts, step.bin_edges_, strict=True):
        if draft.transform is not None:
            raise ColumnsError(
                f"{place}: {draft.name!r} went through {draft.transform} before; "
                "one transform is allowed"
            )
        options: dict[str, Any] = {"boundaries": np.asarray(edges)[1:-1].tolist()}
        if step.encode != "ordinal":
            options["output"] = "one_hot"
        made.append(replace(draft, transform="bucketize", options=options, missing="error"))
    return made


_STEPS: dict[Any, Callable[[Any, list[Draft], str], list[Draft]]] = {
    ColumnTransformer: _column_transformer,
    Pipeline: _pipeline,
    FunctionTransformer: _function,
    SimpleImputer: _imputer,
    StandardScaler: _standard_scaler,
    RobustScaler: _robust_scaler,
    MaxAbsScaler: _max_abs_scaler,
    MinMaxScaler: _min_max_scaler,
    OneHotEncoder: _one_hot,
    OrdinalEncoder: _ordinal,
    KBinsDiscretizer: _bins,
}


def _datatypes(drafts: list[Draft]) -> dict[str, str]:
    """What clients send of each column."""
    known: dict[str, list[Any]] = {}
    numeric: set[str] = set()
    for draft in drafts:
        known.setdefault(draft.name, []).extend(draft.values)
        if draft.transform in (None, "standardize", "min_max", "bucketize"):
            numeric.add(draft.name)
    return {name: _datatype(name, values, name in numeric) for name, values in known.items()}


def _datatype(name: str, values: list[Any], numeric: bool) -> str:
    texts = [isinstance(value, str) for value in values]
    if any(texts):
        if numeric or not all(texts):
            raise ColumnsError(f"column {name!r} holds texts and numbers, or texts as numbers")
        return "BYTES"
    if numeric or not values:
        return "FP64"
    if all(isinstance(value, bool) for value in values):
        return "BOOL"
    return "INT64" if all(isinstance(value, int) for value in values) else "FP64"


def _as_sent(value: Any, datatype: str) -> Any:
    """A category or filling of a column whose datatype may be wider than the value."""
    if datatype == "BYTES":
        return value
    if datatype == "BOOL":
        return bool(value)
    return float(value) if datatype in ("FP32", "FP64") else int(value)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or type(value).__name__ == "NAType"
        or (isinstance(value, float) and math.isnan(value))
    )
