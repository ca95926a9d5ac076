"""Options as the strict, frozen specification takes them."""

from collections.abc import Mapping
from typing import Any


def as_tuples(value: Any) -> Any:
    """Lists as tuples, at any depth."""
    if isinstance(value, Mapping):
        return {key: as_tuples(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(as_tuples(item) for item in value)
    return value
