"""Native snapshots -> Triton's ModelStatistics messages."""

from typing import TYPE_CHECKING

from server.proto import inference_pb2 as pb

if TYPE_CHECKING:
    from server.engine import ModelSnapshot

_STATISTICS = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output")


def model_statistics(snapshot: "ModelSnapshot") -> pb.ModelStatistics:
    """Counts, nanoseconds, and the same for each size of batch that ran."""
    message = pb.ModelStatistics(
        name=snapshot.name,
        version=str(snapshot.version),
        last_inference=snapshot.last_inference_ms,
        inference_count=snapshot.inference_count,
        execution_count=snapshot.execution_count,
    )
    for name in _STATISTICS:
        source, to = getattr(snapshot, name), getattr(message.inference_stats, name)
        to.count, to.ns = source.count, source.ns
    for rows, durations in sorted(snapshot.batches.items()):
        batch = message.batch_stats.add(batch_size=rows)
        parts = (batch.compute_input, batch.compute_infer, batch.compute_output)
        for source, to in zip(durations, parts, strict=True):
            to.count, to.ns = source.count, source.ns
    return message
