"""A small convolutional classifier, of the size that a service runs on a CPU."""

from onnx import ModelProto, TensorProto, helper

from benchmarks.networks.network import Network

WIDTHS = (16, 32, 64)


def classifier(image: int = 224, classes: int = 1000, seed: int = 0) -> ModelProto:
    """INPUT0 FP32[batch,3,image,image] -> OUTPUT0 FP32[batch,classes]; three 3 x 3 convolutions
    with stride 2, 34 M multiply-accumulates per image of 224 x 224."""
    net = Network(seed)
    value, channels = "INPUT0", 3
    for width in WIDTHS:
        weights = net.normal(f"w{width}", (width, channels, 3, 3), (2 / (9 * channels)) ** 0.5)
        value = net.add(
            "Conv",
            [value, weights],
            f"c{width}",
            kernel_shape=[3, 3],
            strides=[2, 2],
            pads=[1] * 4,
        )
        value, channels = net.add("Relu", [value], f"r{width}"), width
    value = net.add("Flatten", [net.add("GlobalAveragePool", [value], "pooled")], "features")
    weights = net.normal("fc_w", (channels, classes), 0.05)
    net.add("Gemm", [value, weights, net.normal("fc_b", (classes,), 0.01)], "OUTPUT0")
    tensor = helper.make_tensor_value_info
    return net.model(
        [tensor("INPUT0", TensorProto.FLOAT, ["batch", 3, image, image])],
        [tensor("OUTPUT0", TensorProto.FLOAT, ["batch", classes])],
    )
