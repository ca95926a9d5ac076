"""The generator's result as lines a person can read."""

from collections.abc import Iterator

from benchmarks.load.record import Record
from benchmarks.load.run import LoadResult

QUANTILES = ("mean", "p50", "p90", "p95", "p99", "p99.9", "max")


def lines(result: LoadResult, record: Record | None = None) -> Iterator[str]:
    """A heading, then one `name value` line each. `record`: of an open loop."""
    raw = result.raw
    if record:
        rate = len(record.measured) / raw["seconds"]
        load = f"{rate:,.0f} calls/s scheduled over {raw['connections']} connections"
    else:
        load = f"{raw['connections']} connections x {raw['streams']} calls in flight"
    yield f"{raw['loop']} loop, {load}, {raw['seconds']:.1f} s measured"
    if record and record.invalid_reason:
        yield f"  INVALID: {record.invalid_reason}"
    yield f"  {'OK per second':26}{result.ok_per_second:14,.0f}"
    for name, count in result.statuses.items():
        yield f"  {'status ' + name:26}{count:14,d}"
    if result.first_message:
        yield f"  a message that came: {result.first_message}"
    for name in QUANTILES:
        yield f"  {'latency ' + name + ' (us)':26}{result.latency_us(name):14,.1f}"
    if record:
        yield from _open_loop(record)
    yield f"  {'client CPU (us/request)':26}{raw['client_cpu_us_per_request']:14,.2f}"
    if "server_cpu_us_per_request" in raw:
        yield f"  {'server CPU (us/request)':26}{result.server_cpu_us:14,.2f}"
    if raw["connections_lost"]:
        yield f"  {'connections lost':26}{raw['connections_lost']:14,d}"


def _open_loop(record: Record) -> Iterator[str]:
    yield f"  {'generator lag p99 (us)':26}{record.lag_us(0.99):14,.1f}"
    if record.rows["deadline_us"].any():
        yield f"  {'OK in time per second':26}{record.goodput():14,.0f}"
        yield f"  {'of the OK, late (%)':26}{record.late_fraction() * 100:14,.2f}"
    if record.pushbacks():
        yield f"  {'refusals with pushback':26}{record.pushbacks():14,d}"
