"""The part of the specification that says how requests wait, are ordered and share runs. Names
and meaning of `dynamic_batching` are Triton's."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.config.lines import Location
from server.config.strict import ConflictError, Name, Strict

MAX_PRIORITY_LEVELS = 64
MAX_QUEUE_SIZE = 2**31 - 1
DAY = 86_400_000_000  # in microseconds

BatchSize = Annotated[int, Field(ge=1, le=1_000_000)]
Length = Annotated[int, Field(ge=1, le=2**31 - 1)]
PadValue = Annotated[float, Field(allow_inf_nan=False)]


class QueuePolicy(Strict):
    """How long requests of one level wait, and how many of them."""

    timeout_action: Literal["REJECT", "DELAY"] = "REJECT"  # DELAY: run last
    default_timeout_microseconds: Annotated[int, Field(ge=0, le=DAY)] = 0  # 0: no limit
    allow_timeout_override: bool = False  # by a shorter `timeout` parameter of a request
    # Requests; 0: the model's max_queue_size alone limits them.
    max_queue_size: Annotated[int, Field(ge=0, le=MAX_QUEUE_SIZE)] = 0

    @property
    def delays(self) -> bool:
        """Whether a request that timed out is overtaken by later ones."""
        return self.timeout_action == "DELAY" and self.default_timeout_microseconds > 0


class DynamicBatching(Strict):
    """How requests are combined and ordered. A delay of 0 takes what is queued."""

    preferred_batch_size: tuple[BatchSize, ...] = ()
    max_queue_delay_microseconds: Annotated[int, Field(ge=0, le=60_000_000)] = 0
    preserve_ordering: bool = False
    priority_levels: Annotated[int, Field(ge=0, le=MAX_PRIORITY_LEVELS)] = 0  # 1 is served first
    default_priority_level: Annotated[int, Field(ge=0)] = 0
    default_queue_policy: QueuePolicy | None = None
    priority_queue_policy: dict[int, QueuePolicy] = Field(default_factory=dict)  # by level

    def policy(self, level: int) -> QueuePolicy:
        """Of the requests of `level`; 0 without levels."""
        return self.priority_queue_policy.get(level) or self.default_queue_policy or QueuePolicy()

    def written_policies(self) -> Iterator[tuple[Location, QueuePolicy]]:
        """With the place of each below this block."""
        if self.default_queue_policy is not None:
            yield ("default_queue_policy",), self.default_queue_policy
        for level, policy in self.priority_queue_policy.items():
            yield ("priority_queue_policy", level), policy

    @model_validator(mode="after")
    def _default_is_a_level(self) -> Self:
        levels, chosen = self.priority_levels, self.default_priority_level
        at = ("default_priority_level",)
        if chosen and not levels:
            raise ConflictError(at, f"{chosen} needs priority_levels")
        if levels and not 1 <= chosen <= levels:
            given = chosen or "nothing is given; it"
            raise ConflictError(at, f"{given} should be 1 to {levels}, one of the priority_levels")
        return self

    @model_validator(mode="after")
    def _policies_are_for_levels(self) -> Self:
        for level in self.priority_queue_policy:
            if not 1 <= level <= self.priority_levels:
                levels = f"1 to {self.priority_levels}" if self.priority_levels else "no levels"
                message = f"{level} is not a level; priority_levels allows {levels}"
                raise ConflictError(("priority_queue_policy", level), message)
        return self

    @model_validator(mode="after")
    def _order_is_kept_or_not(self) -> Self:
        if not self.preserve_ordering:
            return self
        if self.priority_levels > 1:
            message = f"{self.priority_levels} should be 1 with preserve_ordering: true"
            raise ConflictError(("priority_levels",), message)
        for at, policy in self.written_policies():
            if policy.delays:
                message = "DELAY should be REJECT with preserve_ordering: true"
                raise ConflictError((*at, "timeout_action"), message)
        return self


class Padding(Strict):
    """Requests of different lengths share a run: inputs are padded, outputs cut back."""

    inputs: Annotated[dict[Name, PadValue], Field(min_length=1)]  # name -> pad value
    mask: Name | None = None  # 1 for data, 0 for padding
    outputs: tuple[Name, ...] | None = None  # None: those with a dynamic dimension
    buckets: tuple[Length, ...] = ()  # longest of each; (): powers of two from 16

    @model_validator(mode="after")
    def _buckets_ascend(self) -> Self:
        for number in range(1, len(self.buckets)):
            before, bucket = self.buckets[number - 1 : number + 1]
            if bucket <= before:
                raise ConflictError(("buckets", number), f"{bucket} should be over {before}")
        return self

    @model_validator(mode="after")
    def _mask_is_no_padded_input(self) -> Self:
        if self.mask in self.inputs:
            message = f'"{self.mask}" is also in padding.inputs; it is padded with 0 by itself'
            raise ConflictError(("mask",), message)
        return self
