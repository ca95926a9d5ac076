"""How rows of named columns become one input of the model: `columns` in `preprocess`."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from server.config.lines import Location
from server.config.strict import ConflictError, Name, Strict

ColumnDatatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP32",
    "FP64",
    "BYTES",
]
REAL = ("FP32", "FP64")


def _value(value: Any) -> Any:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("should be text, a number, true or false")


Value = Annotated[bool | int | float | str, PlainValidator(_value)]
Values = Annotated[tuple[Value, ...], Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class StandardizeConfig(Strict):
    """(x - mean) / scale, as scikit-learn's StandardScaler and RobustScaler."""

    mean: Number = 0.0
    scale: Number = 1.0

    @model_validator(mode="after")
    def _scale_divides(self) -> Self:
        if self.scale == 0:
            raise ConflictError(("scale",), "0 should be another number; it divides")
        return self


class MinMaxConfig(Strict):
    """x * scale + min, as scikit-learn's MinMaxScaler; then cut to low and high."""

    scale: Number = 1.0
    min: Number = 0.0
    low: Number | None = None  # None: not cut
    high: Number | None = None

    @model_validator(mode="after")
    def _low_is_low(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ConflictError(("low",), f"{self.low} should be at most high, {self.high}")
        return self


class OneHotConfig(Strict):
    """An output column per category, 1 in the value's own and 0 in the others."""

    categories: Values
    unknown: Literal["error", "ignore"] = "error"  # ignore: all are 0
    drop: Value | None = None  # the category that has no output column

    @model_validator(mode="after")
    def _drop_is_a_category(self) -> Self:
        if self.drop is not None and self.drop not in self.categories:
            raise ConflictError(("drop",), f"{self.drop!r} should be one of the categories")
        return self

    @property
    def dropped(self) -> int:
        """The number of the category without a column; -1: every one has one."""
        return -1 if self.drop is None else self.categories.index(self.drop)


class OrdinalConfig(Strict):
    """The number of the category, from 0."""

    categories: Values
    unknown_value: float | None = None  # of other values; None: they are errors
    missing_value: float | None = None  # with missing: category; None: the number after the others


class HashConfig(Strict):
    """MurmurHash3_x86_32 of the text's bytes, or of the decimal text of a whole number, modulo
    `buckets`."""

    buckets: Annotated[int, Field(ge=1, le=2**31 - 1)]
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    output: Literal["number", "one_hot"] = "number"


class BucketizeConfig(Strict):
    """The number of boundaries that the value reaches or exceeds."""

    boundaries: tuple[Number, ...]  # ascending
    output: Literal["number", "one_hot"] = "number"

    @model_validator(mode="after")
    def _boundaries_ascend(self) -> Self:
        for number in range(1, len(self.boundaries)):
            before, boundary = self.boundaries[number - 1 : number + 1]
            if boundary <= before:
                raise ConflictError(("boundaries", number), f"{boundary} should be over {before}")
        return self


class IsMissingConfig(Strict):
    """Tells whether the value is missing."""

    present: Number = 0.0  # what says that it is there
    missing: Number = 1.0


_TRANSFORMS = (
    "standardize",
    "min_max",
    "one_hot",
    "ordinal",
    "hash",
    "bucketize",
    "is_missing",
)


class FeatureConfig(Strict):
    """Output columns made from one column; without a transform the column's own numbers. A column
    may be used by several features."""

    name: Name  # of the column
    datatype: ColumnDatatype  # as clients send it
    # Of NaN, JSON null, an absent key or tensor, and the empty text unless it is a category.
    missing: Literal["error", "nan", "unknown", "category"] = "error"
    fill: Value | None = None  # takes the place of missing values, before the transform
    standardize: StandardizeConfig | None = None
    min_max: MinMaxConfig | None = None
    one_hot: OneHotConfig | None = None
    ordinal: OrdinalConfig | None = None
    hash: HashConfig | None = None
    bucketize: BucketizeConfig | None = None
    is_missing: IsMissingConfig | None = None

    @property
    def transform(self) -> str | None:
        """The key of the transform; None: there is none."""
        return next((key for key in _TRANSFORMS if getattr(self, key) is not None), None)

    @property
    def encoder(self) -> OneHotConfig | OrdinalConfig | None:
        """What has categories."""
        return self.one_hot or self.ordinal

    @model_validator(mode="after")
    def _one_transform(self) -> Self:
        given = [key for key in _TRANSFORMS if getattr(self, key) is not None]
        if len(given) > 1:
            raise ConflictError(
                (given[1],), f"there is {given[0]} already; one transform is allowed"
            )
        return self

    @model_validator(mode="after")
    def _transform_suits_datatype(self) -> Self:
        numeric = (None, "standardize", "min_max", "bucketize")
        if self.datatype == "BYTES" and self.transform in numeric:
            needed = "one_hot, ordinal, hash or is_missing"
            what = self.transform or "no transform"
            raise ConflictError(("datatype",), f"BYTES with {what}; texts need {needed}")
        if self.datatype in REAL and self.hash is not None:
            raise ConflictError(
                ("hash",), f"{self.datatype} should be BYTES, BOOL or whole numbers"
            )
        return self

    @model_validator(mode="after")
    def _values_suit_datatype(self) -> Self:
        for at, value in self._values():
            if needed := _needed(value, self.datatype):
                raise ConflictError(
                    at, f"{value!r} should be {needed}, as the column is {self.datatype}"
                )
        return self

    @model_validator(mode="after")
    def _missing_rule_is_possible(self) -> Self:
        if self.fill is not None and self.missing != "error":
            raise ConflictError(("fill",), f"should not be there with missing: {self.missing}")
        if self.is_missing is not None and (self.fill is not None or self.missing != "error"):
            raise ConflictError(("is_missing",), "goes with no other rule for missing values")
        if self.missing == "category" and self.encoder is None:
            raise ConflictError(("missing",), "category needs one_hot or ordinal")
        if self.missing == "unknown" and not self._allows_unknown():
            needed = "one_hot with unknown: ignore, or ordinal with unknown_value"
            raise ConflictError(("missing",), f"unknown needs {needed}")
        return self

    def _allows_unknown(self) -> bool:
        if self.one_hot is not None:
            return self.one_hot.unknown == "ignore"
        return self.ordinal is not None and self.ordinal.unknown_value is not None

    def _values(self) -> list[tuple[Location, Any]]:
        found: list[tuple[Location, Any]] = []
        if self.fill is not None:
            found.append((("fill",), self.fill))
        if self.encoder is not None:
            at = (self.transform or "", "categories")
            found += [((*at, i), value) for i, value in enumerate(self.encoder.categories)]
        return found


class ColumnsConfig(Strict):
    """Named columns become the input's matrix [rows, width]: the output columns of each feature, in
    the order of the list."""

    features: Annotated[tuple[FeatureConfig, ...], Field(min_length=1)]
    extra: Literal["error", "ignore"] = "error"  # keys of a JSON row that are no column

    @property
    def columns(self) -> dict[str, ColumnDatatype]:
        """What clients send: datatype by name, in the order in which features name them."""
        found: dict[str, ColumnDatatype] = {}
        for feature in self.features:
            found.setdefault(feature.name, feature.datatype)
        return found

    def empty_is_category(self, name: str) -> bool:
        """Whether the empty text is a category of the column, so that it is not missing."""
        encoders = [each.encoder for each in self.features if each.name == name]
        return any(encoder is not None and "" in encoder.categories for encoder in encoders)

    @model_validator(mode="after")
    def _datatypes_agree(self) -> Self:
        for number, feature in enumerate(self.features):
            if (first := self.columns[feature.name]) != feature.datatype:
                message = f'{feature.datatype}, but "{feature.name}" is {first} in another feature'
                raise ConflictError(("features", number, "datatype"), message)
        return self


def _needed(value: Any, datatype: ColumnDatatype) -> str | None:
    """What `value` should be in a column; None: it is."""
    if datatype == "BYTES":
        return None if isinstance(value, str) else "text (in quotes)"
    if datatype == "BOOL":
        return None if isinstance(value, bool) else "true or false"
    if datatype in REAL:
        real = isinstance(value, int | float) and not isinstance(value, bool)
        return None if real else "a number"
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole else "a whole number"
