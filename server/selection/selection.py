"""What was measured and what follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import exp, log
from typing import Any

MARGIN = 1.05  # the safe provider stays unless another is faster by more than noise


@dataclass(frozen=True)
class Trial:
    """One provider on one model."""

    provider: str
    # Batch size -> nanoseconds per row with every slot at work, in the median.
    ns_per_row: Mapping[int, float] = field(default_factory=dict)
    failure: str = ""  # why it is out of the question


@dataclass(frozen=True)
class Selection:
    """The provider to serve with, why, and what was measured."""

    provider: str
    reason: str
    trials: tuple[Trial, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Selection":
        """What as_dict() made, also after JSON made text of its numbers as keys."""
        trials = tuple(
            Trial(
                each["provider"],
                {int(rows): float(ns) for rows, ns in each["ns_per_row"].items()},
                each["failure"],
            )
            for each in data["trials"]
        )
        return cls(data["provider"], data["reason"], trials)


def choose(trials: Sequence[Trial]) -> Selection:
    """The fastest of two or more; the first is the safe provider, which the others are held
    against. Fastest: by the geometric mean over the batch sizes that both ran."""
    safe = trials[0]
    if safe.failure:
        return Selection(safe.provider, f"it could not be measured: {safe.failure}", tuple(trials))
    factors = {each.provider: speed(each, safe) for each in trials if not each.failure}
    best = max(factors, key=lambda provider: factors[provider])
    if factors[best] < MARGIN:
        best = safe.provider
    return Selection(best, _reason(best, trials, factors), tuple(trials))


def speed(trial: Trial, safe: Trial) -> float:
    """How many times the rows per second of `safe`."""
    common = [rows for rows in trial.ns_per_row if rows in safe.ns_per_row]
    if not common:
        return 0.0
    logs = [log(safe.ns_per_row[rows] / trial.ns_per_row[rows]) for rows in common]
    return exp(sum(logs) / len(logs))


def _reason(best: str, trials: Sequence[Trial], factors: Mapping[str, float]) -> str:
    sizes = ", ".join(str(rows) for rows in trials[0].ns_per_row)
    others = []
    for each in trials:
        if each.provider != best:
            ratio = factors[best] / factors[each.provider] if factors.get(each.provider) else 0.0
            others.append(
                f"{each.provider}: {each.failure}"
                if each.failure
                else f"{ratio:.2f} times the rows/s of {each.provider}"
            )
    return f"{'; '.join(others)} (batches of {sizes})"
