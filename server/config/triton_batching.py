"""dynamic_batching of a config.pbtxt <-> our specification."""

from typing import Any

from server.config.scheduling_spec import MAX_QUEUE_SIZE, QueuePolicy
from server.config.spec import ModelConfig
from server.config.triton_names import enum_name
from server.config.triton_notes import Notes
from server.proto import model_config_pb2 as pb

_DEFAULT_QUEUE_SIZE: int = ModelConfig.model_fields["max_queue_size"].default


def read_batching(message: pb.ModelConfig, batch: int | None, notes: Notes) -> Any:
    """The value of `dynamic_batching`. As in Triton: without the block requests are not combined,
    unless all is completed."""
    if not message.HasField("dynamic_batching"):
        return None if batch is None else False
    block = message.dynamic_batching
    for number, size in enumerate(block.preferred_batch_size):
        if batch is not None and not 0 < size <= batch:
            at = ("dynamic_batching", "preferred_batch_size", number)
            allowed = f"1 to max_batch_size: {batch}"
            notes.refuse(at, f"preferred_batch_size: {size} should be {allowed}")
            return True
    return _numbers(block) | _policies(block, notes)


def _numbers(block: pb.ModelDynamicBatching) -> dict[str, Any]:
    return {
        "preferred_batch_size": tuple(block.preferred_batch_size),
        "max_queue_delay_microseconds": block.max_queue_delay_microseconds,
        "preserve_ordering": block.preserve_ordering,
        "priority_levels": block.priority_levels,
        "default_priority_level": block.default_priority_level if block.priority_levels else 0,
    }


def _policies(block: pb.ModelDynamicBatching, notes: Notes) -> dict[str, Any]:
    if not block.priority_levels:
        for key in ("default_priority_level", "priority_queue_policy"):
            if getattr(block, key):
                why = f"{key} has no effect without priority_levels"
                notes.warn(("dynamic_batching", key), why)
    default = _policy(block.default_queue_policy)
    by_level = block.priority_queue_policy.items() if block.priority_levels else ()
    if not block.priority_levels:
        default["max_queue_size"] = 0  # it is the model's: see read_queue_size
    return {
        "default_queue_policy": None if default == QueuePolicy().model_dump() else default,
        "priority_queue_policy": {level: _policy(policy) for level, policy in by_level},
    }


def _policy(policy: pb.ModelQueuePolicy) -> dict[str, Any]:
    return {
        "timeout_action": enum_name(pb.ModelQueuePolicy.TimeoutAction, policy.timeout_action),
        "default_timeout_microseconds": policy.default_timeout_microseconds,
        "allow_timeout_override": policy.allow_timeout_override,
        "max_queue_size": policy.max_queue_size,
    }


def read_queue_size(block: pb.ModelDynamicBatching) -> int:
    """The model's own limit: room for what every level may hold."""
    default = int(block.default_queue_policy.max_queue_size)
    if not block.priority_levels:
        return default or _DEFAULT_QUEUE_SIZE
    own = [int(policy.max_queue_size) for policy in block.priority_queue_policy.values()]
    others = max(1, block.priority_levels - len(own))
    room = sum(own) + others * default
    return min(max(room, _DEFAULT_QUEUE_SIZE), MAX_QUEUE_SIZE)


def write_batching(config: ModelConfig, message: pb.ModelConfig) -> None:
    """What is in force: with the limits that come from the model's own."""
    batching = config.queueing
    block = message.dynamic_batching
    block.preferred_batch_size.extend(batching.preferred_batch_size)
    block.max_queue_delay_microseconds = batching.max_queue_delay_microseconds
    block.preserve_ordering = batching.preserve_ordering
    block.priority_levels = batching.priority_levels
    block.default_priority_level = batching.default_priority_level
    _write_policy(batching.policy(0), config, block.default_queue_policy)
    for level, policy in batching.priority_queue_policy.items():
        _write_policy(policy, config, block.priority_queue_policy[level])


def _write_policy(policy: QueuePolicy, config: ModelConfig, to: pb.ModelQueuePolicy) -> None:
    actions = pb.ModelQueuePolicy
    to.timeout_action = actions.DELAY if policy.timeout_action == "DELAY" else actions.REJECT
    to.default_timeout_microseconds = policy.default_timeout_microseconds
    to.allow_timeout_override = policy.allow_timeout_override
    to.max_queue_size = policy.max_queue_size or config.max_queue_size
