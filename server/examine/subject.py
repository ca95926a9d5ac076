"""What is examined."""

import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Subject:
    """A model file and how it is run; the fields of ExecutionSpec, and the shapes to try."""

    path: str
    provider: str
    options: dict[str, str] = field(default_factory=dict)
    intra_op_threads: int = 1
    inter_op_threads: int = 1
    optimization_level: int = 99
    device_id: int = 0
    cuda_graph: bool = False
    slots: int = 1  # runs at a time
    batched: bool = True  # every tensor has a leading batch dimension
    # By input, without the batch dimension: the shape of synthetic data. An input that is not
    # listed has the dims of the file, dynamic ones 1.
    dims: dict[str, list[int]] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Subject":
        return cls(**json.loads(text))
