"""When an open loop sends: offsets as functions of rate, duration and seed.

Every function returns int64[calls], nanoseconds from the start, rising, in [0, duration).
`parse` understands what a person types or a scenario file says.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

Offsets = NDArray[np.int64]
Steps = Sequence[tuple[float, float]]  # (from this second on, calls per second)
Arrivals = Callable[[float, float, int], Offsets]  # (rate, duration_s, seed)

GRAMMAR = """constant: evenly spaced
poisson: independent callers
gamma:CV: bursts; CV is the gaps' coefficient of variation, poisson has 1
step:AT=FACTOR,...: poisson; from second AT on, FACTOR times the rate
spike:FACTOR,FROM,TO: poisson; FACTOR times the rate between these seconds"""


class ScheduleError(ValueError):
    """A schedule cannot be made; the message says why and what is understood."""


def parse(text: str) -> Arrivals:
    """A function of (rate, duration_s, seed) for a text of GRAMMAR. Raises ScheduleError."""
    kind, _, rest = text.partition(":")
    try:
        return _KINDS[kind](rest)
    except (KeyError, ValueError) as error:
        raise ScheduleError(f"arrivals {text!r}: expected a file, or one of\n{GRAMMAR}") from error


def _parse_plain(arrivals: Arrivals, rest: str) -> Arrivals:
    _require(not rest)
    return arrivals


def _parse_gamma(rest: str) -> Arrivals:
    cv = float(rest)
    _require(0 < cv < 100)
    return lambda rate, duration_s, seed: gamma(rate, duration_s, cv, seed)


def _parse_steps(rest: str) -> Arrivals:
    pairs = (pair.split("=") for pair in rest.split(","))
    return _relative([(0.0, 1.0), *((float(at), float(factor)) for at, factor in pairs)])


def _parse_spike(rest: str) -> Arrivals:
    factor, begin_s, end_s = map(float, rest.split(","))
    return _relative([(0.0, 1.0), (begin_s, factor), (end_s, 1.0)])


def _relative(changes: Steps) -> Arrivals:
    starts = [start for start, _ in changes]
    _require(starts == sorted(starts) and all(0 <= f < 1e9 for step in changes for f in step))

    def arrivals(rate: float, duration_s: float, seed: int) -> Offsets:
        return steps([(start, factor * rate) for start, factor in changes], duration_s, seed)

    return arrivals


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


def constant(rate: float, duration_s: float, seed: int = 1) -> Offsets:
    """One call every 1 / rate seconds, the first at once. `seed` is for the others' sake."""
    return _nanoseconds(np.arange(0, duration_s, 1 / rate), duration_s)


def poisson(rate: float, duration_s: float, seed: int = 1) -> Offsets:
    """Independent callers: exponential gaps of mean 1 / rate."""
    return gamma(rate, duration_s, cv=1, seed=seed)


def gamma(rate: float, duration_s: float, cv: float, seed: int = 1) -> Offsets:
    """Gamma-distributed gaps of mean 1 / rate and coefficient of variation `cv`.

    1 is Poisson, above it calls come in bursts, below it they are more even.
    """
    random = np.random.default_rng(seed)
    shape = 1 / cv**2
    chunk = int(rate * duration_s * 1.1) + 16
    times = np.zeros(0)
    while not len(times) or times[-1] < duration_s:
        gaps = random.gamma(shape, 1 / (rate * shape), chunk)
        times = np.concatenate([times, (times[-1] if len(times) else 0) + np.cumsum(gaps)])
    return _nanoseconds(times, duration_s)


def steps(changes: Steps, duration_s: float, seed: int = 1) -> Offsets:
    """Poisson arrivals whose rate changes: each (second, rate) holds until the next one.

    The first one is from second 0; a rate of 0 is a pause.
    """
    starts = np.minimum([start for start, _ in changes] + [duration_s], duration_s)
    expected = np.concatenate([[0], np.cumsum(np.diff(starts) * [rate for _, rate in changes])])
    # Arrivals of rate 1 in the time scale of expected calls, read back in seconds.
    unit = poisson(1, float(expected[-1]), seed) / 1e9
    return _nanoseconds(np.interp(unit, expected, starts), duration_s)


def spike(
    rate: float, duration_s: float, factor: float, begin_s: float, end_s: float, seed: int = 1
) -> Offsets:
    """Poisson arrivals, `factor` times as many from `begin_s` to `end_s`."""
    return steps([(0, rate), (begin_s, rate * factor), (end_s, rate)], duration_s, seed)


_KINDS: dict[str, Callable[[str], Arrivals]] = {
    "constant": partial(_parse_plain, constant),
    "poisson": partial(_parse_plain, poisson),
    "gamma": _parse_gamma,
    "step": _parse_steps,
    "spike": _parse_spike,
}


def _nanoseconds(seconds: NDArray[np.float64], duration_s: float) -> Offsets:
    offsets = np.round(seconds * 1e9).astype(np.int64)
    return offsets[offsets < round(duration_s * 1e9)]
