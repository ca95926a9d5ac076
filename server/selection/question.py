"""From a configuration to what is to be measured. Pure."""

from collections.abc import Sequence
from pathlib import Path

from server.config.spec import ModelConfig, Provider, TensorConfig
from server.examine.subject import Subject
from server.selection.assessment import Question
from server.threads import share

ANY_LENGTH = 64  # of dynamic dimensions that no warm-up sample tells
NICE = 10


def question_of(
    name: str,
    path: Path,
    written: ModelConfig,
    completed: ModelConfig,
    providers: Sequence[Provider],
    cores: int,
) -> Question:
    """`written`: as in the file, where slots and threads may be open; `completed`: as the model
    was opened with the first of `providers`."""
    subjects = []
    for provider in providers:
        slots = share(written.model_copy(update={"execution_provider": provider}), cores)
        subjects.append(
            Subject(
                path=str(path),
                provider=provider,
                options=dict(written.provider_options),
                intra_op_threads=slots.intra_op_threads,
                inter_op_threads=written.inter_op_threads,
                optimization_level=completed.level,
                device_id=written.device_ids[0],
                slots=slots.instance_count,
                batched=completed.batched,
                dims={each.name: _dims(each, completed) for each in completed.inputs},
            )
        )
    return Question(name, tuple(subjects), _sizes(completed), NICE)


def _sizes(config: ModelConfig) -> tuple[int, ...]:
    """Batch sizes that are likely: one row alone, and full batches."""
    most = config.max_batch_size or 1
    preferred = config.queueing.preferred_batch_size if config.combines_requests else ()
    return tuple(sorted({1, *(preferred or (min(8, most), min(32, most)))}))


def _dims(tensor: TensorConfig, config: ModelConfig) -> list[int]:
    sampled = config.warmup[0].inputs.get(tensor.name) if config.warmup else None
    dims = tensor.dims if sampled is None else sampled.dims
    return [ANY_LENGTH if size == -1 else size for size in dims]
