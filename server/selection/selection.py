"""What was measured and what follows from it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import exp, log
from statistics import median
from typing import Any

MARGIN = 1.05
"""The safe provider stays unless another makes so many times its rows per second in the median of
the rounds, and is faster in every single one: less is noise."""


@dataclass(frozen=True)
class Trial:
    """One provider on one model."""

    provider: str
    # Batch size -> nanoseconds per row with every slot at work, one figure per round.
    ns_per_row: Mapping[int, Sequence[float]] = field(default_factory=dict)
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
                {int(rows): tuple(map(float, ns)) for rows, ns in each["ns_per_row"].items()},
                each["failure"],
            )
            for each in data["trials"]
        )
        return cls(data["provider"], data["reason"], trials)


def choose(trials: Sequence[Trial]) -> Selection:
    """The fastest of two or more; the first is the safe provider, which the others are held
    against. Fastest: by the geometric mean over the batch sizes that both ran."""
    safe = trials[0]
    if safe.failure or not safe.ns_per_row:
        why = safe.failure or "no batch ran in time"
        return Selection(safe.provider, f"it could not be measured: {why}", tuple(trials))
    speeds = {each.provider: _speeds(each, safe) for each in trials[1:] if not each.failure}
    best, factor = safe.provider, 1.0
    for provider, rounds in speeds.items():
        if rounds and min(rounds) > 1 and median(rounds) >= max(MARGIN, factor):
            best, factor = provider, median(rounds)
    return Selection(best, _reason(best, trials, speeds), tuple(trials))


def _speeds(trial: Trial, safe: Trial) -> list[float]:
    """By round: how many times the rows per second of `safe`."""
    common = [rows for rows in trial.ns_per_row if rows in safe.ns_per_row]
    if not common:
        return []
    pairs = zip(
        zip(*(safe.ns_per_row[rows] for rows in common), strict=False),
        zip(*(trial.ns_per_row[rows] for rows in common), strict=False),
        strict=False,
    )
    return [
        exp(sum(log(was / now) for was, now in zip(*both, strict=True)) / len(common))
        for both in pairs
    ]


def _reason(best: str, trials: Sequence[Trial], speeds: Mapping[str, Sequence[float]]) -> str:
    safe = trials[0].provider
    words = []
    for each in trials[1:]:
        if each.failure:
            words.append(f"{each.provider}: {each.failure}")
        elif speeds[each.provider]:
            times = f"{median(speeds[each.provider]):.2f} times the rows/s of {safe}"
            words.append(f"{each.provider} makes {times}")
    sizes = ", ".join(str(rows) for rows in trials[0].ns_per_row)
    margin = f", to take over {MARGIN:g} are needed in every round" if best == safe else ""
    return f"{'; '.join(words)} (batches of {sizes}{margin})"
