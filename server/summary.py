"""The start-up summary: what is served, where and with what."""

from collections.abc import Sequence

from server.config.scheduling_spec import DynamicBatching
from server.registry import Entry


def describe(entry: Entry) -> str:
    """One served version in a line."""
    config = entry.config
    if config is None:
        return f"{entry.model}/{entry.version}"
    return (
        f"{entry.model}/{entry.version}: {config.execution_provider}, "
        f"{config.instance_count} x {config.intra_op_threads} threads, {_batching(entry)}"
    )


def _batching(entry: Entry) -> str:
    config = entry.config
    if config is None or not config.batched:
        return "no batch dimension"
    batching = config.dynamic_batching
    if not isinstance(batching, DynamicBatching):
        return f"requests of up to {config.max_batch_size} rows, not combined"
    delay = batching.max_queue_delay_microseconds
    wait = f", waits up to {delay} us" if delay else ""
    return f"batches of up to {config.max_batch_size}{wait}"


def summary(
    ready: Sequence[Entry],
    failed: Sequence[Entry],
    addresses: dict[str, str],
    machine: str,
    seconds: float,
) -> str:
    """Several lines; `machine` says runtime and threads, `seconds` how long start-up took."""
    versions = "1 model version" if len(ready) == 1 else f"{len(ready)} model versions"
    lines = [f"serving {versions} after {seconds:.1f} s"]
    lines += [f"  {name:<5} {address}" for name, address in addresses.items()]
    lines.append(f"  {machine}")
    lines += [f"  {describe(entry)}" for entry in ready]
    if failed:
        names = ", ".join(f"{entry.model}/{entry.version or '?'}" for entry in failed)
        lines.append(f"  not served ({len(failed)}, reasons above): {names}")
    return "\n".join(lines)
