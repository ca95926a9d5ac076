"""The generator's result as lines a person can read."""

from collections.abc import Iterator

from benchmarks.load.run import LoadResult

QUANTILES = ("mean", "p50", "p90", "p95", "p99", "p99.9", "max")


def lines(result: LoadResult) -> Iterator[str]:
    """A heading, then one `name value` line each."""
    raw = result.raw
    if raw["loop"] == "open":
        load = f"{raw['rate']:,.0f} calls/s scheduled over {raw['connections']} connections"
    else:
        load = f"{raw['connections']} connections x {raw['streams']} calls in flight"
    yield f"{raw['loop']} loop, {load}, {raw['seconds']:.1f} s measured"
    yield f"  {'OK per second':26}{result.ok_per_second:14,.0f}"
    for name, count in result.statuses.items():
        yield f"  {'status ' + name:26}{count:14,d}"
    if result.first_message:
        yield f"  a message that came: {result.first_message}"
    for name in QUANTILES:
        yield f"  {'latency ' + name + ' (us)':26}{result.latency_us(name):14,.1f}"
    if "generator_lag_us" in raw:
        yield f"  {'generator lag p99 (us)':26}{raw['generator_lag_us']['p99']:14,.1f}"
    yield f"  {'client CPU (us/request)':26}{raw['client_cpu_us_per_request']:14,.2f}"
    if "server_cpu_us_per_request" in raw:
        yield f"  {'server CPU (us/request)':26}{result.server_cpu_us:14,.2f}"
    if raw["connections_lost"]:
        yield f"  {'connections lost':26}{raw['connections_lost']:14,d}"
