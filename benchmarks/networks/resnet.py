"""The shape of ResNet-50 v1.5 (He et al., 2015, table 1; stride in the 3 x 3 convolutions), batch
normalisation folded into the convolutions as exporters do."""

from onnx import ModelProto, TensorProto, ValueInfoProto, helper

from benchmarks.networks.network import Network

STAGES = ((3, 64), (4, 128), (6, 256), (3, 512))  # blocks, width
EXPANSION = 4


def resnet50(image: int = 224, classes: int = 1000, seed: int = 0) -> ModelProto:
    """INPUT0 FP32[batch,3,image,image] -> OUTPUT0 FP32[batch,classes]; 53 convolutions, 4.1 G
    multiply-accumulates per image of 224 x 224."""
    net = Network(seed)
    value = _relu(net, _convolution(net, "INPUT0", 3, 64, 7, 2, "stem"))
    value = net.add(
        "MaxPool", [value], "stem_pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4
    )
    channels = 64
    for stage, (blocks, width) in enumerate(STAGES):
        for block in range(blocks):
            stride = 2 if stage > 0 and block == 0 else 1
            value = _bottleneck(net, value, channels, width, stride, f"s{stage}b{block}")
            channels = width * EXPANSION
    value = net.add("GlobalAveragePool", [value], "pooled")
    value = net.add("Flatten", [value], "features")
    weights = net.normal("fc_w", (channels, classes), 0.02)
    net.add("Gemm", [value, weights, net.normal("fc_b", (classes,), 0.01)], "OUTPUT0")
    return net.model(
        [_tensor("INPUT0", "batch", 3, image, image)], [_tensor("OUTPUT0", "batch", classes)]
    )


def _bottleneck(net: Network, value: str, channels: int, width: int, stride: int, name: str) -> str:
    """1 x 1, 3 x 3, 1 x 1 beside the input (or its projection), added."""
    inner = _relu(net, _convolution(net, value, channels, width, 1, 1, f"{name}_a"))
    inner = _relu(net, _convolution(net, inner, width, width, 3, stride, f"{name}_b"))
    outer = width * EXPANSION
    inner = _convolution(net, inner, width, outer, 1, 1, f"{name}_c", scale=0.3)
    if channels != outer:
        value = _convolution(net, value, channels, outer, 1, stride, f"{name}_project")
    return _relu(net, net.add("Add", [inner, value], f"{name}_sum"))


def _convolution(
    net: Network,
    value: str,
    channels: int,
    filters: int,
    kernel: int,
    stride: int,
    name: str,
    scale: float = 1.0,
) -> str:
    deviation = scale * float((2 / (channels * kernel * kernel)) ** 0.5)
    weights = net.normal(f"{name}_w", (filters, channels, kernel, kernel), deviation)
    bias = net.normal(f"{name}_bias", (filters,), 0.01)
    return net.add(
        "Conv",
        [value, weights, bias],
        name,
        kernel_shape=[kernel, kernel],
        strides=[stride, stride],
        pads=[kernel // 2] * 4,
    )


def _relu(net: Network, value: str) -> str:
    return net.add("Relu", [value], f"{value}_relu")


def _tensor(name: str, *dims: int | str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(dims))
