"""Contradictions between a configuration and its model file."""

from collections.abc import Sequence
from typing import NamedTuple

from server.config.lines import Location


class Fault(NamedTuple):
    """One contradiction; `at`: where the specification has what is wrong."""

    at: Location
    message: str


class MismatchError(Exception):
    """The configuration contradicts the model file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)
