"""The engine's form of how texts become an input."""

from collections.abc import Sequence
from typing import NamedTuple

from server.config.lines import Location
from server.config.text_spec import TextConfig
from server.engine import TextSpec


class TextError(ValueError):
    """A declaration that does not fit its inputs. `at`: the place below `text`."""

    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at


class TextTensor(NamedTuple):
    """An input that is made. dims: -1 is any size; the last is the length, a batch dimension or a
    1 may come first."""

    datatype: str
    dims: Sequence[int]


def text_spec(
    config: TextConfig,
    ids: TextTensor,
    mask: TextTensor | None = None,
    types: TextTensor | None = None,
) -> TextSpec:
    """`mask` and `types`: the inputs that `config` names. Raises TextError."""
    length = _length((), ids)
    for key, tensor in (("mask", mask), ("types", types)):
        if tensor is not None and _length((key,), tensor) != length:
            message = f"has the shape {list(tensor.dims)}, but the ids {list(ids.dims)}"
            raise TextError((key,), message)
    fixed = max(length, 0)
    if fixed and config.max_length is not None and config.max_length > fixed:
        message = f"{config.max_length} should be at most {fixed}, the length of the input"
        raise TextError(("max_length",), message)
    return TextSpec(
        max_length=config.max_length or fixed,
        truncation=config.truncation,
        fixed_length=fixed,
        max_bytes=config.max_bytes,
        ids=ids.datatype,
        mask=mask.datatype if mask else None,
        types=types.datatype if types else None,
    )


def _length(at: Location, tensor: TextTensor) -> int:
    """Tokens of a row; -1: any number."""
    if tensor.datatype not in ("INT64", "INT32"):
        raise TextError(at, f"the input is {tensor.datatype}; tokens become INT64 or INT32")
    dims = tensor.dims
    if len(dims) not in (1, 2) or (len(dims) == 2 and dims[0] not in (-1, 1)):
        message = f"the input has the shape {list(dims)}; a text needs one dimension, its length"
        raise TextError(at, message)
    return dims[-1]
