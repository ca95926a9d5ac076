"""Which version answers requests that name none. Pure."""

from collections.abc import Iterable


def default_weights(versions: Iterable[int]) -> dict[int, float]:
    """All unversioned traffic goes to the highest version, as in Triton."""
    numbers = sorted(versions)
    return {number: 1.0 if number == numbers[-1] else 0.0 for number in numbers}
