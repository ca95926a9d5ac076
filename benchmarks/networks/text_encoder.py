"""The shape of BERT's encoder (Devlin et al., 2018): post-norm self-attention and feed-forward
layers, as plain ONNX operators, the way exporters write them."""

import numpy as np
from onnx import ModelProto, TensorProto, helper

from benchmarks.networks.network import Network

POSITIONS = 512
MASKED = -1e4  # added to the score of a position that the mask leaves out


def text_encoder(
    layers: int = 4,
    hidden: int = 256,
    heads: int = 4,
    vocabulary: int = 8192,
    seed: int = 0,
) -> ModelProto:
    """input_ids INT64[batch,length], attention_mask INT64[batch,length] (1: a token) ->
    last_hidden_state FP32[batch,length,hidden]; lengths of up to 512."""
    net = Network(seed)
    value = _embed(net, hidden, vocabulary)
    penalty = _penalty(net)
    for layer in range(layers):
        value = _attention(net, value, penalty, hidden, heads, f"layer{layer}")
        last = layer + 1 == layers
        value = _feed_forward(
            net, value, hidden, f"layer{layer}", "last_hidden_state" if last else ""
        )
    ids = ["batch", "length"]
    return net.model(
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, ids),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ids),
        ],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, ["batch", "length", hidden]
            )
        ],
    )


def _embed(net: Network, hidden: int, vocabulary: int) -> str:
    words = net.add("Gather", [net.normal("words", (vocabulary, hidden), 1.0), "input_ids"], "word")
    ends = net.add("Shape", ["input_ids"], "shape")
    axis = net.constant("one_index", np.array([1], np.int64))
    length = net.add("Gather", [ends, axis], "length_of")
    zero = net.constant("zero_index", np.array([0], np.int64))
    table = net.normal("positions", (POSITIONS, hidden), 1.0)
    positions = net.add("Slice", [table, zero, length, zero], "position")
    return _norm(net, net.add("Add", [words, positions], "embedded"), hidden, "embedding_norm")


def _penalty(net: Network) -> str:
    """FP32[batch,1,1,length]: 0 for tokens, MASKED for the rest."""
    mask = net.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    one = net.constant("one", np.array(1, np.float32))
    missing = net.add("Sub", [one, mask], "missing")
    scaled = net.add("Mul", [missing, net.constant("masked", np.array(MASKED, np.float32))], "cost")
    axes = net.constant("inner_axes", np.array([1, 2], np.int64))
    return net.add("Unsqueeze", [scaled, axes], "penalty")


def _attention(net: Network, value: str, penalty: str, hidden: int, heads: int, name: str) -> str:
    split = net.constant("split", np.array([0, 0, heads, hidden // heads], np.int64))
    joined = net.constant("joined", np.array([0, 0, hidden], np.int64))

    def projected(part: str, axes: list[int]) -> str:
        full = _dense(net, value, hidden, hidden, f"{name}_{part}")
        parts = net.add("Reshape", [full, split], f"{name}_{part}_split")
        return net.add("Transpose", [parts], f"{name}_{part}_heads", perm=axes)

    query, key = projected("query", [0, 2, 1, 3]), projected("key", [0, 2, 3, 1])
    scores = net.add("MatMul", [query, key], f"{name}_scores")
    scale = net.constant("scale", np.array((hidden // heads) ** -0.5, np.float32))
    scaled = net.add("Mul", [scores, scale], f"{name}_scaled")
    masked = net.add("Add", [scaled, penalty], f"{name}_masked")
    weights = net.add("Softmax", [masked], f"{name}_weights", axis=-1)
    mixed = net.add("MatMul", [weights, projected("value", [0, 2, 1, 3])], f"{name}_mixed")
    rows = net.add("Transpose", [mixed], f"{name}_rows", perm=[0, 2, 1, 3])
    merged = net.add("Reshape", [rows, joined], f"{name}_merged")
    out = _dense(net, merged, hidden, hidden, f"{name}_out")
    return _norm(net, net.add("Add", [out, value], f"{name}_attended"), hidden, f"{name}_norm")


def _feed_forward(net: Network, value: str, hidden: int, name: str, last: str) -> str:
    wide = _dense(net, value, hidden, 4 * hidden, f"{name}_wide")
    narrow = _dense(net, _gelu(net, wide, name), 4 * hidden, hidden, f"{name}_narrow")
    total = net.add("Add", [narrow, value], f"{name}_total")
    return _norm(net, total, hidden, last or f"{name}_output")


def _gelu(net: Network, value: str, name: str) -> str:
    """x (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, 2016)."""
    root = net.constant("root_two", np.array(2**0.5, np.float32))
    error = net.add("Erf", [net.add("Div", [value, root], f"{name}_ratio")], f"{name}_erf")
    one = net.constant("one", np.array(1, np.float32))
    product = net.add("Mul", [value, net.add("Add", [error, one], f"{name}_more")], f"{name}_x")
    return net.add(
        "Mul", [product, net.constant("half", np.array(0.5, np.float32))], f"{name}_gelu"
    )


def _dense(net: Network, value: str, given: int, made: int, name: str) -> str:
    weights = net.normal(f"{name}_w", (given, made), given**-0.5)
    product = net.add("MatMul", [value, weights], name)
    return net.add("Add", [product, net.normal(f"{name}_b", (made,), 0.01)], f"{name}_biased")


def _norm(net: Network, value: str, hidden: int, name: str) -> str:
    scale = net.constant(f"{name}_gain", np.ones(hidden, np.float32))
    bias = net.constant(f"{name}_bias", np.zeros(hidden, np.float32))
    return net.add("LayerNormalization", [value, scale, bias], name, axis=-1)
