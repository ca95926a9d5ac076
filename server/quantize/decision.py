"""Which candidate to keep: pure, from figures alone."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from server.quantize.variant import Precision

MARGIN = 1.05  # what must be gained at least; smaller gains drown in a machine's noise
# What has to be beaten comes before what has to beat it.
_ORDER: tuple[tuple[Precision, ...], ...] = (
    ("float",),
    ("bf16", "fp16"),
    ("int8", "int8 dynamic"),
)


@dataclass(frozen=True)
class Contender:
    """An accurate candidate and its rows/s at the deciding batch size, one figure per round."""

    title: str
    precision: Precision
    rows_per_s: Sequence[float]

    @property
    def rate(self) -> float:
        return statistics.median(self.rows_per_s)


@dataclass(frozen=True)
class Decision:
    """The title of the candidate to keep, and why in sentences."""

    chosen: str
    reasons: tuple[str, ...]


def decide(contenders: Sequence[Contender]) -> Decision:
    """At least one contender is in float."""
    reasons = []
    keeper = _fastest(contenders, _ORDER[0])
    assert keeper is not None
    for precisions in _ORDER[1:]:
        challenger = _fastest(contenders, precisions)
        if challenger is None:
            continue
        wins, sentence = _compare(challenger, keeper)
        reasons.append(sentence)
        keeper = challenger if wins else keeper
    paid = "" if keeper.precision.startswith("int8") else "INT8 does not pay here: "
    reasons.append(f"{paid}{keeper.title} is kept.")
    return Decision(keeper.title, tuple(reasons))


def _fastest(contenders: Sequence[Contender], among: Sequence[Precision]) -> Contender | None:
    found = [each for each in contenders if each.precision in among]
    return max(found, key=lambda each: each.rate, default=None)


def _compare(challenger: Contender, keeper: Contender) -> tuple[bool, str]:
    """Rounds are compared one by one: what disturbed one disturbed both."""
    pairs = zip(challenger.rows_per_s, keeper.rows_per_s, strict=True)
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    middle, low = statistics.median(ratios), ratios[len(ratios) // 4]
    wins = middle >= MARGIN and low > 1
    asked = f"asked are {MARGIN:g} times, and a gain in three quarters of the rounds"
    verdict = "faster" if wins else f"not enough: {asked}"
    return wins, (
        f"{challenger.title} does {middle:.2f} times the rows/s of {keeper.title} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f} over {len(ratios)} rounds): {verdict}."
    )


def decide_unmeasured(accurate: Sequence[Contender]) -> Decision:
    """By compactness alone; nobody knows what pays."""
    for precision in ("int8", "fp16", "float"):
        for each in accurate:
            if each.precision == precision:
                reason = f"{each.title} is kept as the most compact accurate one"
                return Decision(each.title, (f"{reason}; not measured: no GPU here.",))
    raise AssertionError("the original is always accurate")
