"""What a scenario file says. Reading is strict: an unknown key or a bad value is an error."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from benchmarks.lab.model import Count, Model, Strict
from benchmarks.load import arrivals

Positive = Annotated[float, Field(gt=0, le=1e6)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Scenario(Strict):
    """What all kinds have. Figures are medians over `rounds`, each measured for `seconds`."""

    about: str
    models: Annotated[tuple[Model, ...], Field(min_length=1)]
    seconds: Positive = 10
    warmup_s: Annotated[float, Field(ge=0, le=60)] = 1
    rounds: Annotated[int, Field(ge=1, le=100)] = 3
    in_flight: Count = 64  # of the closed loop that measures capacity

    @field_validator("models")
    @classmethod
    def _names_differ(cls, models: tuple[Model, ...]) -> tuple[Model, ...]:
        names = [model.name for model in models]
        if len(set(names)) < len(names):
            raise ValueError("two models have the same name")
        return models

    def hastened(self) -> Self:
        """The same, to see that it works: its figures mean nothing."""
        seconds, warmup_s = min(self.seconds, 1.0), min(self.warmup_s, 0.2)
        return self.model_copy(update={"seconds": seconds, "warmup_s": warmup_s, "rounds": 1})


class Load(Strict):
    """A fraction of capacity, and the most that p99 latency may be there, in ideal ones."""

    fraction: Fraction
    most: Positive


class IdealScenario(Scenario):
    """Open loops at fractions of capacity, held against the ideal server."""

    kind: Literal["ideal"]
    arrivals: str = "poisson"  # benchmarks.load.arrivals.GRAMMAR
    loads: Annotated[tuple[Load, ...], Field(min_length=1)]

    @field_validator("arrivals")
    @classmethod
    def _arrivals_are_known(cls, text: str) -> str:
        arrivals.parse(text)
        return text

    @model_validator(mode="after")
    def _batches_are_said(self) -> Self:
        for model in self.models:
            for key in ("max_batch_size", "instance_count"):
                if key not in model.config:
                    raise ValueError(f"the ideal server needs {key} in {model.name}'s config")
        return self


class OverloadScenario(Scenario):
    """An open loop beyond capacity with deadlines; and the same, deadlines kept from the server."""

    kind: Literal["overload"]
    factor: Annotated[float, Field(gt=1, le=100)] = 2
    deadline_ms: Positive = 50
    goodput: Positive  # at least, as a fraction of capacity
    late: Fraction  # at most, of accepted requests


class SpikeScenario(Scenario):
    """A load below capacity, a spike beyond it, and how soon goodput is back."""

    kind: Literal["spike"]
    base: Fraction = 0.7  # of capacity
    factor: Annotated[float, Field(gt=1, le=100)] = 4
    spike_s: Positive = 0.5
    window_ms: Positive = 20
    deadline_ms: Positive = 50
    recovered: Fraction = 0.9  # of goodput before
    most_ms: Positive  # until it is back

    @property
    def begin_s(self) -> float:
        """Where in the measured seconds the spike is."""
        return (self.seconds - self.length_s) / 2

    @property
    def end_s(self) -> float:
        return self.begin_s + self.length_s

    @property
    def length_s(self) -> float:
        return min(self.spike_s, self.seconds / 4)


class RefusalScenario(Scenario):
    """Deadlines that no run can meet: what turning a request away costs, in echoes."""

    kind: Literal["refusal"]
    deadline_ms: Positive
    streams: Count = 32  # on each of 4 connections
    most: Positive  # server CPU per refusal / echo CPU per request


class TuningScenario(Scenario):
    """No configuration against every setting of a sweep, in closed loops."""

    kind: Literal["tuning"]
    preferred: Annotated[tuple[Count, ...], Field(min_length=1)]
    delays_us: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    throughput: Positive  # at least, of the best setting's
    p99: Positive  # at most, of the best setting's


class FairnessScenario(Scenario):
    """The first model lightly loaded, alone and while the second one is flooded."""

    kind: Literal["fairness"]
    rate: Positive  # of the light model, per second
    most: Positive  # p99 flooded / (p99 alone), beside one batch of the heavy model

    @model_validator(mode="after")
    def _two_models(self) -> Self:
        if len(self.models) != 2:
            raise ValueError("models must be two: the light one, then the heavy one")
        return self


class PaddingScenario(Scenario):
    """Requests of many lengths in a closed loop: the first model takes exact shapes, the second
    one pads."""

    kind: Literal["padding"]
    least: Positive  # throughput padded / exact

    @model_validator(mode="after")
    def _exact_and_padded(self) -> Self:
        if ["padding" in model.config for model in self.models] != [False, True]:
            raise ValueError("models must be two: one without padding in its config, one with it")
        return self


class FrontPathScenario(Strict):
    """The figures of `python -m benchmarks small large`."""

    kind: Literal["front_path"]
    about: str
    seconds: Positive = 5
    warmup_s: Annotated[float, Field(ge=0, le=60)] = 1
    rounds: Annotated[int, Field(ge=1, le=100)] = 3

    def hastened(self) -> Self:
        return self.model_copy(update={"seconds": 0.5, "warmup_s": 0.2, "rounds": 1})


AnyScenario = Annotated[
    IdealScenario
    | OverloadScenario
    | SpikeScenario
    | RefusalScenario
    | TuningScenario
    | FairnessScenario
    | PaddingScenario
    | FrontPathScenario,
    Field(discriminator="kind"),
]
