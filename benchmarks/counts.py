"""The server's own counts, by its ModelStatistics."""

from dataclasses import dataclass

import grpc

from server.proto import inference_pb2 as pb
from server.proto import inference_pb2_grpc


@dataclass(frozen=True)
class Counts:
    """Of one model, since the server started."""

    success: int  # requests answered OK
    fail: int
    rows: int
    runs: int

    def __sub__(self, earlier: "Counts") -> "Counts":
        return Counts(
            self.success - earlier.success,
            self.fail - earlier.fail,
            self.rows - earlier.rows,
            self.runs - earlier.runs,
        )


def fetch(target: str, model: str) -> Counts:
    """Asks the server at `target` (host:port)."""
    with grpc.insecure_channel(target) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        reply = stub.ModelStatistics(pb.ModelStatisticsRequest(name=model), timeout=10)
    (stats,) = reply.model_stats
    inference = stats.inference_stats
    return Counts(
        inference.success.count, inference.fail.count, stats.inference_count, stats.execution_count
    )
