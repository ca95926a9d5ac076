"""A small convolutional classifier and its training, in NumPy.

3x3 convolutions with ReLU, some followed by 2x2 max pooling, then one dense layer. Images are
[n, 1, side, side], logits [n, 10]. It trains in FP64: in FP32 the order in which a machine sums
would show in the trained weights.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Parameters = dict[str, Array]

CHANNELS = (1, 16, 32, 32)
CLASSES = 10
LAST_SIDE = 2  # of what the dense layer gets


class Net(NamedTuple):
    """Which convolutions are followed by pooling; with CHANNELS the whole net."""

    pooled: tuple[bool, ...]

    @property
    def side(self) -> int:
        """Of an image."""
        return LAST_SIDE << sum(self.pooled)


def initial_parameters(rng: np.random.Generator) -> Parameters:
    """He-initialised weights [out, in, 3, 3] and [features, classes], zero biases."""
    parameters: Parameters = {}
    features = CHANNELS[-1] * LAST_SIDE**2
    for layer, (inputs, outputs) in enumerate(pairwise(CHANNELS), start=1):
        spread = np.sqrt(2 / (inputs * 9))
        parameters[f"conv{layer}_w"] = rng.normal(0, spread, (outputs, inputs, 3, 3))
        parameters[f"conv{layer}_b"] = np.zeros(outputs)
    parameters["dense_w"] = rng.normal(0, np.sqrt(1 / features), (features, CLASSES))
    parameters["dense_b"] = np.zeros(CLASSES)
    return parameters


def forward(
    net: Net, parameters: Parameters, images: Array
) -> tuple[Array, list[dict[str, Array]]]:
    """Logits [n, 10] and, per convolution, what its backward pass needs."""
    tape = []
    value = images
    for layer, pooled in enumerate(net.pooled, start=1):
        columns = _patches(value)
        active = np.maximum(
            _convolve(columns, parameters[f"conv{layer}_w"], value.shape)
            + parameters[f"conv{layer}_b"][:, np.newaxis, np.newaxis],
            0,
        )
        value = _pool(active) if pooled else active
        tape.append({"columns": columns, "active": active, "output": value})
    logits = value.reshape(len(images), -1) @ parameters["dense_w"] + parameters["dense_b"]
    return logits, tape


def gradients(
    net: Net, parameters: Parameters, images: Array, labels: NDArray[np.int64]
) -> Parameters:
    """Gradients of the mean cross-entropy."""
    logits, tape = forward(net, parameters, images)
    error = _softmax(logits)
    error[np.arange(len(labels)), labels] -= 1
    error /= len(labels)
    features = tape[-1]["output"].reshape(len(images), -1)
    result: Parameters = {"dense_w": features.T @ error, "dense_b": error.sum(0)}
    flowing: Array = (error @ parameters["dense_w"].T).reshape(tape[-1]["output"].shape)
    for layer in range(len(net.pooled), 0, -1):
        step = tape[layer - 1]
        if net.pooled[layer - 1]:
            flowing = _unpool(flowing, step["output"], step["active"])
        flowing = flowing * (step["active"] > 0)
        weights = parameters[f"conv{layer}_w"]
        rows = flowing.transpose(0, 2, 3, 1).reshape(-1, len(weights))
        result[f"conv{layer}_w"] = (rows.T @ step["columns"]).reshape(weights.shape)
        result[f"conv{layer}_b"] = rows.sum(0)
        if layer > 1:  # nobody asks for the slopes of the images
            turned = weights.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]
            flowing = _convolve(_patches(flowing), turned, flowing.shape)
    return result


def train(
    net: Net,
    images: Array,
    labels: NDArray[np.int64],
    *,
    epochs: int,
    seed: int,
    batch: int = 64,
) -> Parameters:
    """Adam with a learning rate that falls from 2e-3 to 0 along a cosine."""
    rng = np.random.default_rng(seed)
    parameters = initial_parameters(rng)
    mean = {name: np.zeros_like(value) for name, value in parameters.items()}
    square = {name: np.zeros_like(value) for name, value in parameters.items()}
    steps = epochs * (len(images) // batch)
    step = 0
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for chosen in np.split(order[: len(order) // batch * batch], len(order) // batch):
            step += 1
            rate = 1e-3 * (1 + np.cos(np.pi * step / steps))
            for name, slope in gradients(net, parameters, images[chosen], labels[chosen]).items():
                mean[name] = 0.9 * mean[name] + 0.1 * slope
                square[name] = 0.999 * square[name] + 0.001 * slope**2
                unbiased = mean[name] / (1 - 0.9**step)
                scale = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
                update = rate * (unbiased / scale + 1e-3 * parameters[name])
                parameters[name] = parameters[name] - update
    return parameters


def _patches(images: Array) -> Array:
    """Every 3x3 neighbourhood, zero-padded: [n * height * width, channels * 9]."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (3, 3), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, images.shape[1] * 9)


def _convolve(columns: Array, weights: Array, shape: tuple[int, ...]) -> Array:
    count, _, height, width = shape
    rows = columns @ weights.reshape(len(weights), -1).T
    return rows.reshape(count, height, width, len(weights)).transpose(0, 3, 1, 2)


def _pool(value: Array) -> Array:
    count, channels, height, width = value.shape
    blocks = value.reshape(count, channels, height // 2, 2, width // 2, 2)
    return np.asarray(blocks.max(axis=(3, 5)))


def _unpool(flowing: Array, pooled: Array, active: Array) -> Array:
    """Sends each gradient to the largest value of its 2x2 block."""
    largest = active == _spread(pooled)
    return np.asarray(_spread(flowing) * largest)


def _spread(value: Array) -> Array:
    return value.repeat(2, axis=2).repeat(2, axis=3)


def _softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
