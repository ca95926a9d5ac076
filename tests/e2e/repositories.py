"""Model repositories for end-to-end tests."""

from pathlib import Path

from tests import graphs

TRITON_IDENTITY = """\
name: "identity"
platform: "onnxruntime_onnx"
max_batch_size: 64
input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ 16 ] } ]
output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ 16 ] } ]
dynamic_batching { }
"""
TRITON_MLP = """\
name: "mlp"
backend: "onnxruntime"
max_batch_size: 64
input [
  {
    name: "INPUT0"
    data_type: TYPE_FP32
    dims: [ 64 ]
  }
]
output [
  {
    name: "OUTPUT0"
    data_type: TYPE_FP32
    dims: [ 10 ]
  }
]
instance_group [ { count: 2 kind: KIND_CPU } ]
dynamic_batching { }
parameters { key: "intra_op_thread_count" value: { string_value: "1" } }
"""
# Requests wait until 64 rows are there, so a test decides how long the queue stands. The dynamic
# length keeps the model from being measured at load: a batch that is known to be quick would
# leave in time for the most urgent deadline in it.
WAITING = """\
max_batch_size: 64
input [ { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1 ] } ]
output [ { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1 ] } ]
instance_group [ { count: 1 kind: KIND_CPU } ]
dynamic_batching {
  preferred_batch_size: [ 64 ]
  max_queue_delay_microseconds: 60000000
  default_queue_policy { max_queue_size: %d }
}
"""


def triton_repository(folder: Path) -> Path:
    """As somebody would bring it from Triton: identity and MLP, dynamic batching on."""
    graphs.write_model(folder, "identity", graphs.identity(), config=TRITON_IDENTITY)
    graphs.write_model(folder, "mlp", graphs.mlp(), config=TRITON_MLP)
    return folder


def waiting_repository(folder: Path, *, max_queue_size: int = 1024) -> Path:
    """`waiting`: identity FP32[batch,length] that runs when 64 rows wait."""
    config = WAITING % max_queue_size
    graphs.write_model(folder, "waiting", graphs.identity(("batch", "length")), config=config)
    return folder


def zoo(folder: Path) -> Path:
    """Every servable graph by its name with no configuration, `versions` with three versions
    (all served), and two that cannot be served: `zipmap` and `nonsense` (not a model at all)."""
    for name, make in graphs.GRAPHS.items():
        if name not in ("big_weights", "slow"):
            graphs.write_model(folder, name, make())
    graphs.write_versions(folder, "versions", (100.0, 200.0, 300.0))
    (folder / "versions" / "config.pbtxt").write_text("version_policy { all { } }\n")
    (folder / "nonsense" / "1").mkdir(parents=True)
    (folder / "nonsense" / "1" / "model.onnx").write_bytes(b"this is no model")
    return folder
