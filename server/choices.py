"""What a configuration chose beyond the defaults, in the words of its keys."""

from collections.abc import Iterator

from server.config.scheduling_spec import DynamicBatching, Padding, QueuePolicy
from server.config.spec import ModelConfig


def describe_choices(config: ModelConfig) -> Iterator[str]:
    """Lines about waiting, order and padding; `config` is completed."""
    if config.latency_slo_ms is not None:
        yield f"latency_slo_ms {config.latency_slo_ms:g}"
    if config.weight != 1:
        yield f"weight {config.weight:g}"
    yield from _queueing(config.queueing)
    if config.padding is not None:
        yield f"padding: {_padding(config.padding)}"


def _queueing(queueing: DynamicBatching) -> Iterator[str]:
    if queueing.preserve_ordering:
        yield "preserve_ordering: answers leave in the order of the requests"
    if queueing.priority_levels:
        default = f"default_priority_level {queueing.default_priority_level}"
        yield f"priority_levels {queueing.priority_levels}, {default}"
    for at, policy in queueing.written_policies():
        level = f"priority_queue_policy of level {at[1]}" if at[1:] else at[0]
        yield f"{level}: {_policy(policy)}"


def _policy(policy: QueuePolicy) -> str:
    timeout = policy.default_timeout_microseconds
    waits = f"{policy.timeout_action} after {timeout} us" if timeout else "no timeout"
    override = ", requests may shorten it" if policy.allow_timeout_override else ""
    size = f", at most {policy.max_queue_size} waiting" if policy.max_queue_size else ""
    return f"{waits}{override}{size}"


def _padding(padding: Padding) -> str:
    inputs = ", ".join(f"{name} with {value:g}" for name, value in padding.inputs.items())
    mask = f"; mask {padding.mask}" if padding.mask else ""
    cut = ", ".join(padding.outputs or ()) or "none"
    buckets = ", ".join(map(str, padding.buckets)) or "powers of two from 16"
    return f"{inputs}{mask}; outputs cut back: {cut}; buckets {buckets}"
