"""From a configuration to the subject of a truth report."""

from pathlib import Path

from server.config.spec import ModelConfig
from server.examine.subject import Subject
from server.specification import execution


def subject_of(config: ModelConfig, path: Path) -> Subject:
    """One row on one thread pool of its size; dynamic dimensions as the first warm-up sample has
    them, else 1. `config` need not be completed."""
    how = execution(config)
    sample = config.warmup[0].inputs if config.warmup else {}
    leading = [1] if config.max_batch_size != 0 else []
    return Subject(
        path=str(path),
        provider=how.provider,
        options=dict(how.options),
        intra_op_threads=how.intra_op_threads,
        inter_op_threads=how.inter_op_threads,
        optimization_level=how.optimization_level,
        device_id=how.device_id,
        batched=False,  # the batch dimension is one of the dynamic ones
        dims={name: [*leading, *each.dims] for name, each in sample.items()},
    )
