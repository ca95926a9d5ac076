"""The engine's form of `columns`."""

from server.config.columns_spec import ColumnsConfig, FeatureConfig
from server.config.dtypes import Datatype
from server.engine import (
    Bucketize,
    ColumnFeature,
    ColumnsSpec,
    HashBuckets,
    IsMissing,
    MinMax,
    OneHot,
    Ordinal,
    Standardize,
)

_Transform = Standardize | MinMax | OneHot | Ordinal | HashBuckets | Bucketize | IsMissing


def columns_spec(config: ColumnsConfig, datatype: Datatype) -> ColumnsSpec:
    """`datatype`: of the model's input."""
    numbers = {name: number for number, name in enumerate(config.columns)}
    return ColumnsSpec(
        columns=list(config.columns.items()),
        features=[_feature(numbers[each.name], each) for each in config.features],
        datatype=datatype,
        ignore_extra=config.extra == "ignore",
    )


def _feature(column: int, config: FeatureConfig) -> ColumnFeature:
    transform = _transform(config)
    if config.fill is None:
        return ColumnFeature(column, transform, missing=config.missing)
    return ColumnFeature(column, transform, missing="fill", fill=config.fill)


def _transform(config: FeatureConfig) -> _Transform | None:
    if (standardize := config.standardize) is not None:
        return Standardize(standardize.mean, standardize.scale)
    if (scaling := config.min_max) is not None:
        bounds = {"low": scaling.low, "high": scaling.high}
        given = {key: bound for key, bound in bounds.items() if bound is not None}
        return MinMax(scaling.scale, scaling.min, **given)
    if (one_hot := config.one_hot) is not None:
        return OneHot(one_hot.categories, one_hot.unknown == "ignore", one_hot.dropped)
    if (ordinal := config.ordinal) is not None:
        return Ordinal(ordinal.categories, ordinal.unknown_value, ordinal.missing_value)
    if (hashed := config.hash) is not None:
        return HashBuckets(hashed.buckets, hashed.seed, hashed.output == "one_hot")
    if (bucketize := config.bucketize) is not None:
        return Bucketize(bucketize.boundaries, bucketize.output == "one_hot")
    if (missing := config.is_missing) is not None:
        return IsMissing(missing.present, missing.missing)
    return None
