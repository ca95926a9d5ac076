"""What ran: kernels of ONNX Runtime's profile and layers of OpenVINO, in one form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

UNKNOWN = "unknown"
FOLDED = "folded"  # computed once, at load
INT8 = "INT8"
WEIGHT_ONLY = "INT4 weights"
# Operators that compute in 8-bit integers, whatever their outputs are.
INT8_OPS = frozenset(
    {
        *("QLinearConv", "QLinearMatMul", "QGemm", "ConvInteger", "MatMulInteger"),
        *("MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QAttention", "DynamicQuantizeLSTM"),
    }
)
# Kernels that multiply and add: those of files, and those into which ONNX Runtime fuses them.
PRODUCT_KERNELS = frozenset(
    {
        *INT8_OPS,
        *("Conv", "FusedConv", "NhwcFusedConv", "NhwcConv", "ConvTranspose", "Gemm", "FusedGemm"),
        *("MatMul", "FusedMatMul", "TransposeMatMul", "MatMulNBits", "GemmFastGelu"),
        *("Attention", "MultiHeadAttention"),
        # OpenVINO's
        *("Convolution", "GroupConvolution", "Deconvolution", "FullyConnected"),
        *("ScaledDotProductAttentionWithKVCache", "ScaledDotProductAttention", "MHA"),
    }
)
# OpenVINO's name of a layer generated for several nodes, small matrix products among them.
GENERATED = "Subgraph"
_PROVIDERS = {
    "CPUExecutionProvider": "cpu",
    "OpenVINOExecutionProvider": "openvino",
    "CUDAExecutionProvider": "cuda",
    "TensorrtExecutionProvider": "tensorrt",
}
_COMPILING = ("openvino", "tensorrt")  # one kernel of theirs holds many nodes
_PRECISIONS = {
    "float": "FP32",
    "float16": "FP16",
    "bfloat16": "BF16",
    "double": "FP64",
    "uint8": INT8,
    "int8": INT8,
    # the ends of OpenVINO's names of implementations
    "f32": "FP32",
    "f16": "FP16",
    "bf16": "BF16",
    "i8": INT8,
    "u8": INT8,
}
_EXECUTED = 2  # OV_PROFILING_INFO_STATUS: EXECUTED


@dataclass(frozen=True)
class Kernel:
    """One kernel of one run. `words`: its implementation in the words of who ran it; `index`:
    ONNX Runtime's number of the node; `datatype`: of its first input."""

    name: str
    op: str
    words: str
    provider: str
    precision: str
    nanoseconds: int = 0
    index: int = -1
    datatype: str = ""
    inputs: tuple[tuple[int, ...], ...] = ()  # dimensions; without constants that were prepacked
    output: tuple[int, ...] = ()  # dimensions of the first one

    @property
    def is_product(self) -> bool:
        """Whether it multiplies and adds."""
        return self.op in PRODUCT_KERNELS

    @property
    def compiled(self) -> bool:
        """Whether it stands for a part of the graph that a provider compiled."""
        return self.precision == UNKNOWN


def from_profile(events: Iterable[Mapping[str, Any]]) -> list[Kernel]:
    """The node events of one run, in order of execution."""
    return [_kernel(event) for event in events]


def _kernel(event: Mapping[str, Any]) -> Kernel:
    arguments = event["args"]
    op = arguments["op_name"]
    provider = _PROVIDERS.get(arguments["provider"], arguments["provider"])
    inputs = [next(iter(each.items())) for each in arguments["input_type_shape"] if each]
    outputs = [tuple(*each.values()) for each in arguments["output_type_shape"] if each]
    datatype = inputs[0][0] if inputs else ""
    compiled = provider in _COMPILING
    return Kernel(
        name=event["name"].removesuffix("_kernel_time"),
        op=op,
        words=op,
        provider=provider,
        precision=UNKNOWN if compiled else precision(op, datatype),
        nanoseconds=int(event["dur"]) * 1000,
        index=int(arguments["node_index"]),
        datatype=datatype,
        inputs=tuple(tuple(dims) for _, dims in inputs),
        output=outputs[0] if outputs else (),
    )


def precision(op: str, datatype: str) -> str:
    """What an operator computes in, by its name and the element type of its first input."""
    if op in INT8_OPS:
        return INT8
    if op == "MatMulNBits":
        return WEIGHT_ONLY
    return _PRECISIONS.get(datatype, "other")


def from_layers(layers: Iterable[Mapping[str, Any]]) -> list[Kernel]:
    """OpenVINO's layers that ran; the end of an implementation's name tells its precision."""
    return [
        Kernel(
            name=layer["name"],
            op=layer["type"],
            words=layer["implementation"],
            provider="openvino",
            precision=_PRECISIONS.get(layer["implementation"].rpartition("_")[2].lower(), "other"),
            nanoseconds=int(layer["microseconds"]) * 1000,
        )
        for layer in layers
        if layer["status"] == _EXECUTED
    ]
