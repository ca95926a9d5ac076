"""Small and awkward ONNX models for tests, built with onnx.helper.

`python tests/graphs.py OUT_DIR` writes each one as OUT_DIR/<name>/1/model.onnx.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    numpy_helper,
)

OPSET = 17
IR_VERSION = 9
Dim = int | str

DTYPES: dict[str, int] = {
    "BOOL": TensorProto.BOOL,
    "UINT8": TensorProto.UINT8,
    "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64,
    "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16,
    "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BF16": TensorProto.BFLOAT16,
    "BYTES": TensorProto.STRING,
}
"""Protocol datatype to ONNX element type."""


def tensor(name: str, dims: Sequence[Dim], dtype: str = "FP32") -> ValueInfoProto:
    """A graph input or output; a string dimension is dynamic and named."""
    return helper.make_tensor_value_info(name, DTYPES[dtype], list(dims))


def model(graph: GraphProto, opset: int = OPSET) -> ModelProto:
    """The graph as a checked model."""
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR_VERSION
    )
    onnx.checker.check_model(made)
    return made


def graph(
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
    constants: dict[str, np.ndarray] | None = None,
    *,
    opset: int = OPSET,
) -> ModelProto:
    """A model of these nodes; constants become initializers."""
    initializers = [
        numpy_helper.from_array(array, name) for name, array in (constants or {}).items()
    ]
    made = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs), initializers)
    return model(made, opset)


def identity(dims: Sequence[Dim] = ("batch", 16), dtype: str = "FP32") -> ModelProto:
    """INPUT0 -> OUTPUT0, unchanged."""
    node = helper.make_node("Identity", ["INPUT0"], ["OUTPUT0"], name="identity")
    return graph([node], [tensor("INPUT0", dims, dtype)], [tensor("OUTPUT0", dims, dtype)])


def identity_image() -> ModelProto:
    """Rows of 150 KB."""
    return identity(("batch", 37500))


def many_io(count: int = 32) -> ModelProto:
    """IN<i> FP32[batch,2] -> OUT<i> = IN<i> + i, for i < count."""
    nodes: list[NodeProto] = []
    constants = {}
    for i in range(count):
        constants[f"c{i}"] = np.array(i, np.float32)
        nodes.append(helper.make_node("Add", [f"IN{i}", f"c{i}"], [f"OUT{i}"], name=f"add{i}"))
    inputs = [tensor(f"IN{i}", ("batch", 2)) for i in range(count)]
    outputs = [tensor(f"OUT{i}", ("batch", 2)) for i in range(count)]
    return graph(nodes, inputs, outputs, constants)


def dynamic_inner() -> ModelProto:
    """INPUT0 FP32[batch,length] -> OUTPUT0 the same, SUM FP32[batch,1] its sum over length."""
    nodes = [
        helper.make_node("Identity", ["INPUT0"], ["OUTPUT0"], name="identity"),
        helper.make_node("ReduceSum", ["INPUT0", "axes"], ["SUM"], name="sum", keepdims=1),
    ]
    return graph(
        nodes,
        [tensor("INPUT0", ("batch", "length"))],
        [tensor("OUTPUT0", ("batch", "length")), tensor("SUM", ("batch", 1))],
        {"axes": np.array([1], np.int64)},
    )


def dynamic_inner_ids() -> ModelProto:
    """IDS INT64[batch,length] -> OUTPUT0 the same."""
    node = helper.make_node("Identity", ["IDS"], ["OUTPUT0"], name="identity")
    dims = ("batch", "length")
    return graph([node], [tensor("IDS", dims, "INT64")], [tensor("OUTPUT0", dims, "INT64")])


def encoder(words: int = 100, width: int = 16) -> ModelProto:
    """One head of self-attention over embeddings, as text encoders have it.

    IDS INT64[batch,length] and MASK INT64[batch,length] (1: a word, 0: nothing) -> HIDDEN
    FP32[batch,length,width], ATTENTION FP32[batch,length,length] and POOLED FP32[batch,width], the
    mean of HIDDEN over words.
    """
    node = helper.make_node
    nodes = [
        node("Gather", ["table", "IDS"], ["words"], name="embed"),
        node("Transpose", ["words"], ["columns"], name="transpose", perm=[0, 2, 1]),
        node("MatMul", ["words", "columns"], ["scores"], name="scores"),
        node("Cast", ["MASK"], ["mask"], name="cast", to=TensorProto.FLOAT),
        node("Sub", ["mask", "one"], ["missing"], name="missing"),
        node("Mul", ["missing", "large"], ["penalty"], name="penalty"),
        node("Unsqueeze", ["penalty", "row_axis"], ["penalties"], name="penalties"),
        node("Add", ["scores", "penalties"], ["masked"], name="masked"),
        node("Softmax", ["masked"], ["ATTENTION"], name="attention", axis=-1),
        node("MatMul", ["ATTENTION", "words"], ["HIDDEN"], name="hidden"),
        node("Unsqueeze", ["mask", "last_axis"], ["kept"], name="kept"),
        node("Mul", ["HIDDEN", "kept"], ["counted"], name="counted"),
        node("ReduceSum", ["counted", "row_axis"], ["total"], name="total", keepdims=0),
        node("ReduceSum", ["mask", "row_axis"], ["count"], name="count", keepdims=1),
        node("Div", ["total", "count"], ["POOLED"], name="pooled"),
    ]
    random = np.random.default_rng(7)
    ids = ("batch", "length")
    return graph(
        nodes,
        [tensor("IDS", ids, "INT64"), tensor("MASK", ids, "INT64")],
        [
            tensor("HIDDEN", (*ids, width)),
            tensor("ATTENTION", (*ids, "length")),
            tensor("POOLED", ("batch", width)),
        ],
        {
            "table": random.normal(size=(words, width)).astype(np.float32),
            "one": np.array(1, np.float32),
            "large": np.array(1e9, np.float32),
            "row_axis": np.array([1], np.int64),
            "last_axis": np.array([2], np.int64),
        },
    )


def add_scalar() -> ModelProto:
    """INPUT0 FP32[n] + SCALAR FP32[] -> OUTPUT0 FP32[n]; TOTAL FP32[] is its sum."""
    nodes = [
        helper.make_node("Add", ["INPUT0", "SCALAR"], ["OUTPUT0"], name="add"),
        helper.make_node("ReduceSum", ["OUTPUT0"], ["TOTAL"], name="total", keepdims=0),
    ]
    return graph(
        nodes,
        [tensor("INPUT0", ("n",)), tensor("SCALAR", ())],
        [tensor("OUTPUT0", ("n",)), tensor("TOTAL", ())],
    )


def no_batch() -> ModelProto:
    """INPUT0 FP32[4,4] -> OUTPUT0 = its transpose; no dimension is dynamic."""
    node = helper.make_node("Transpose", ["INPUT0"], ["OUTPUT0"], name="transpose")
    return graph([node], [tensor("INPUT0", (4, 4))], [tensor("OUTPUT0", (4, 4))])


def mixes_rows() -> ModelProto:
    """INPUT0 FP32[batch,4] -> OUTPUT0 FP32[batch,4]: softmax over dimension 0."""
    node = helper.make_node("Softmax", ["INPUT0"], ["OUTPUT0"], name="softmax", axis=0)
    return graph([node], [tensor("INPUT0", ("batch", 4))], [tensor("OUTPUT0", ("batch", 4))])


def subtracts_mean() -> ModelProto:
    """INPUT0 INT64[batch,1] minus its minimum over the batch -> OUTPUT0."""
    nodes = [
        helper.make_node("ReduceMin", ["INPUT0"], ["least"], name="least", axes=[0], keepdims=1),
        helper.make_node("Sub", ["INPUT0", "least"], ["OUTPUT0"], name="sub"),
    ]
    dims = ("batch", 1)
    return graph(nodes, [tensor("INPUT0", dims, "INT64")], [tensor("OUTPUT0", dims, "INT64")])


def flattens() -> ModelProto:
    """INPUT0 FP32[batch,4] -> OUTPUT0 FP32[n]: the first dimension is not the batch any more."""
    node = helper.make_node("Reshape", ["INPUT0", "shape"], ["OUTPUT0"], name="flatten")
    return graph(
        [node],
        [tensor("INPUT0", ("batch", 4))],
        [tensor("OUTPUT0", ("n",))],
        {"shape": np.array([-1], np.int64)},
    )


def fails_at_run() -> ModelProto:
    """INDEX INT64[batch] -> OUTPUT0 FP32[batch,2], a table of 4 rows; another INDEX fails."""
    node = helper.make_node("Gather", ["table", "INDEX"], ["OUTPUT0"], name="lookup", axis=0)
    return graph(
        [node],
        [tensor("INDEX", ("batch",), "INT64")],
        [tensor("OUTPUT0", ("batch", 2))],
        {"table": np.arange(8, dtype=np.float32).reshape(4, 2)},
    )


def dense(nodes: list[NodeProto], constants: dict[str, np.ndarray], sizes: Sequence[int]) -> str:
    """Appends Gemm + Relu layers (no Relu after the last) on INPUT0; returns the last value."""
    random = np.random.default_rng(7)
    value = "INPUT0"
    for i, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        scale = np.sqrt(2.0 / fan_in)
        constants[f"w{i}"] = random.normal(0, scale, (fan_in, fan_out)).astype(np.float32)
        constants[f"b{i}"] = random.normal(0, 0.1, fan_out).astype(np.float32)
        nodes.append(
            helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [f"g{i}"], name=f"gemm{i}")
        )
        value = f"g{i}"
        if i + 2 < len(sizes):
            nodes.append(helper.make_node("Relu", [value], [f"r{i}"], name=f"relu{i}"))
            value = f"r{i}"
    return value


def mlp(sizes: Sequence[int] = (64, 128, 128, 10)) -> ModelProto:
    """INPUT0 FP32[batch,sizes[0]] -> OUTPUT0 FP32[batch,sizes[-1]], seeded weights."""
    nodes: list[NodeProto] = []
    constants: dict[str, np.ndarray] = {}
    last = dense(nodes, constants, sizes)
    nodes.append(helper.make_node("Identity", [last], ["OUTPUT0"], name="output"))
    return graph(
        nodes,
        [tensor("INPUT0", ("batch", sizes[0]))],
        [tensor("OUTPUT0", ("batch", sizes[-1]))],
        constants,
    )


def big_weights() -> ModelProto:
    """FP32[batch,6144] through one 6144 x 6144 matrix: 151 MB of weights."""
    return mlp((6144, 6144))


def slow() -> ModelProto:
    """Eight 2048 x 2048 layers: at least 5 ms per run on one thread, 128 MB of weights."""
    return mlp((2048,) * 9)


def convolutions(count: int = 4, channels: int = 16, *, outlier: float = 1.0) -> ModelProto:
    """INPUT0 FP32[batch,3,16,16] through 3x3 convolutions conv0, conv1, ... with ReLU and a dense
    layer -> OUTPUT0 FP32[batch,10]. One channel between conv0 and conv1 is `outlier` times larger
    than it would be, and then scaled back: nothing to FP32, ruin to eight bits."""
    random = np.random.default_rng(7)
    nodes: list[NodeProto] = []
    constants: dict[str, np.ndarray] = {}
    value, fan_in = "INPUT0", 3
    for i in range(count):
        spread = np.sqrt(2 / (fan_in * 9))
        weights = random.normal(0, spread, (channels, fan_in, 3, 3)).astype(np.float32)
        if i == 0:
            weights[0] *= outlier
        if i == 1:
            weights[:, 0] /= outlier
        constants[f"w{i}"], fan_in = weights, channels
        nodes.append(
            helper.make_node("Conv", [value, f"w{i}"], [f"c{i}"], name=f"conv{i}", pads=[1] * 4)
        )
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"], name=f"relu{i}"))
        value = f"r{i}"
    nodes.append(helper.make_node("Flatten", [value], ["flat"], name="flatten"))
    nodes.append(helper.make_node("MatMul", ["flat", "dense"], ["OUTPUT0"], name="dense"))
    constants["dense"] = random.normal(0, 0.02, (channels * 256, 10)).astype(np.float32)
    return graph(
        nodes,
        [tensor("INPUT0", ("batch", 3, 16, 16))],
        [tensor("OUTPUT0", ("batch", 10))],
        constants,
    )


def zipmap() -> ModelProto:
    """A sequence output, as skl2onnx makes unless zipmap is off: not servable."""
    node = helper.make_node("SplitToSequence", ["INPUT0"], ["PROBABILITIES"], name="split", axis=0)
    sequence = helper.make_tensor_sequence_value_info("PROBABILITIES", TensorProto.FLOAT, None)
    return graph([node], [tensor("INPUT0", ("batch", 3))], [sequence])


def empty_rows() -> ModelProto:
    """INPUT0 FP32[batch,0] -> OUTPUT0 the same; EXTENDED FP32[batch,1] = concatenated with ONE."""
    nodes = [
        helper.make_node("Identity", ["INPUT0"], ["OUTPUT0"], name="identity"),
        helper.make_node("Concat", ["INPUT0", "ONE"], ["EXTENDED"], name="concat", axis=1),
    ]
    return graph(
        nodes,
        [tensor("INPUT0", ("batch", 0)), tensor("ONE", ("batch", 1))],
        [tensor("OUTPUT0", ("batch", 0)), tensor("EXTENDED", ("batch", 1))],
    )


def passes_through() -> ModelProto:
    """INPUT0 FP32[batch,4] is a graph output itself, with CONSTANT FP32[2], an initializer."""
    node = helper.make_node("Neg", ["INPUT0"], ["NEGATED"], name="negate")
    dims = ("batch", 4)
    return graph(
        [node],
        [tensor("INPUT0", dims)],
        [tensor("NEGATED", dims), tensor("INPUT0", dims), tensor("CONSTANT", (2,))],
        {"CONSTANT": np.array([1, 2], np.float32)},
    )


def overridable() -> ModelProto:
    """INPUT0 FP32[batch,2] + OFFSET -> OUTPUT0; OFFSET is listed as an input, with a default."""
    node = helper.make_node("Add", ["INPUT0", "OFFSET"], ["OUTPUT0"], name="add")
    dims = ("batch", 2)
    return graph(
        [node],
        [tensor("INPUT0", dims), tensor("OFFSET", (2,))],
        [tensor("OUTPUT0", dims)],
        {"OFFSET": np.array([10, 20], np.float32)},
    )


def rank_nine() -> ModelProto:
    """One dimension more than the server carries."""
    return identity(("batch", *[1] * 8))


def float8_output() -> ModelProto:
    """INPUT0 FP32[batch,4] -> OUTPUT0 float8e4m3fn: no protocol datatype."""
    node = helper.make_node(
        "Cast", ["INPUT0"], ["OUTPUT0"], name="cast", to=TensorProto.FLOAT8E4M3FN
    )
    output = helper.make_tensor_value_info("OUTPUT0", TensorProto.FLOAT8E4M3FN, ["batch", 4])
    return graph([node], [tensor("INPUT0", ("batch", 4))], [output], opset=19)


GRAPHS: dict[str, Callable[[], ModelProto]] = {
    "identity_fp32": identity,
    "identity_image": identity_image,
    "many_io": many_io,
    "dynamic_inner": dynamic_inner,
    "encoder": encoder,
    "add_scalar": add_scalar,
    "no_batch": no_batch,
    "mixes_rows": mixes_rows,
    "subtracts_mean": subtracts_mean,
    "flattens": flattens,
    "fails_at_run": fails_at_run,
    "mlp": mlp,
    "slow": slow,
    "big_weights": big_weights,
    "zipmap": zipmap,
    "empty_rows": empty_rows,
    "passes_through": passes_through,
    "overridable": overridable,
    "rank_nine": rank_nine,
    "float8_output": float8_output,
    **{
        f"identity_{dtype.lower()}": partial(identity, ("batch", 4), dtype)
        for dtype in DTYPES
        if dtype != "FP32"
    },
}
"""Every model here by its repository name."""

LARGE = frozenset({"big_weights", "slow"})
"""Those over 100 MB."""

UNSERVABLE = frozenset({"zipmap", "rank_nine", "float8_output"})
"""Those that a server must refuse to load."""


def write_model(
    repository: Path, name: str, made: ModelProto, *, version: int = 1, config: str | None = None
) -> Path:
    """Writes repository/name/version/model.onnx and, if given, its config.pbtxt.

    Call again with other versions for a model of several. Returns the path of model.onnx.
    """
    folder = repository / name / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    if config is not None:
        (repository / name / "config.pbtxt").write_text(config, encoding="utf-8")
    return path


def write_versions(repository: Path, name: str, offsets: Sequence[float]) -> None:
    """Version i + 1 of `name` adds offsets[i] to INPUT0 FP32[batch,2], giving OUTPUT0."""
    dims = ("batch", 2)
    for i, offset in enumerate(offsets):
        node = helper.make_node("Add", ["INPUT0", "offset"], ["OUTPUT0"], name="add")
        constants = {"offset": np.array(offset, np.float32)}
        made = graph([node], [tensor("INPUT0", dims)], [tensor("OUTPUT0", dims)], constants)
        write_model(repository, name, made, version=i + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("names", nargs="*", help="models to write; none: all", metavar="name")
    parser.add_argument("--small", action="store_true", help="leave out those over 100 MB")
    arguments = parser.parse_args()
    for name in arguments.names or GRAPHS:
        if arguments.small and name in LARGE:
            continue
        write_model(arguments.out_dir, name, GRAPHS[name]())


if __name__ == "__main__":
    main()
