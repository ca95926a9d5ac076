"""Measures a version at load with synthetic requests, so that the first request already meets a
latency model that knows how long a batch of each size takes."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from server.config.dtypes import ELEMENT_SIZE
from server.config.spec import ModelConfig, TensorConfig, WarmupInput
from server.image_specification import height_and_width
from server.proto import inference_pb2
from server.warmup import synthetic

_log = logging.getLogger(__name__)

BUDGET_S = 0.5
RUNS = 4  # of each size: the latency model forgets the first
LEAST_RUNS = 2
WARM_RUNS = 1 + LEAST_RUNS  # of each size on each slot of a GPU
MAX_BYTES = 64 << 20  # of one request


class SeedingError(Exception):
    """No synthetic request can be made; says which input and why."""


@dataclass(frozen=True)
class Synthetic:
    """Requests of any number of equal rows; without batch dimension always of one."""

    model: str
    batched: bool
    inputs: tuple[tuple[str, WarmupInput, bytes], ...]  # the bytes: of one row

    @property
    def row_bytes(self) -> int:
        return sum(len(row) for _, _, row in self.inputs)

    def request(self, rows: int) -> bytes:
        """A serialized ModelInferRequest."""
        request = inference_pb2.ModelInferRequest(model_name=self.model)
        for name, source, row in self.inputs:
            shape = [rows, *source.dims] if self.batched else list(source.dims)
            request.inputs.add(name=name, datatype=source.datatype, shape=shape)
            request.raw_input_contents.append(row * rows)
        return request.SerializeToString()


def synthetic_requests(config: ModelConfig, model: str) -> Synthetic:
    """Shaped like the first warm-up sample, else like the declared dims; a picture is sent as
    pixels, twice as high and wide as the model takes it. Data is random where the sample's is,
    else zero. Raises SeedingError."""
    inputs = []
    for tensor in map(partial(_sent, config), config.inputs):
        source = _source(config, tensor)
        elements = prod(source.dims)
        if elements * ELEMENT_SIZE.get(source.datatype, 4) > MAX_BYTES:
            raise SeedingError(f'input "{tensor.name}": one row is over {MAX_BYTES >> 20} MiB')
        inputs.append((tensor.name, source, synthetic(source, elements)))
    return Synthetic(model, config.batched, tuple(inputs))


def _sent(config: ModelConfig, tensor: TensorConfig) -> TensorConfig:
    """What is sent for an input: of a picture its pixels, so that preparing it is measured too."""
    declared = config.preprocess.get(tensor.name)
    if declared is None or declared.image is None:
        return tensor
    height, width = height_and_width(declared.image, tensor.dims)
    larger = 2 if 4 * height * width <= declared.image.max_pixels else 1
    batch = () if config.batched else (1,)
    dims = (*batch, larger * height, larger * width, 3)
    return TensorConfig(name=declared.name or tensor.name, datatype="UINT8", dims=dims)


def _source(config: ModelConfig, tensor: TensorConfig) -> WarmupInput:
    sampled = config.warmup[0].inputs.get(tensor.name) if config.warmup else None
    if sampled is not None and sampled.datatype == tensor.datatype:
        return WarmupInput(
            datatype=sampled.datatype,
            dims=sampled.dims,
            data="random" if sampled.data == "random" else "zero",
        )
    if -1 in tensor.dims:
        raise SeedingError(
            f'input "{tensor.name}" has dims {list(tensor.dims)}: a warm-up sample must say '
            "how long the dynamic ones usually are"
        )
    return WarmupInput(datatype=tensor.datatype, dims=tensor.dims)


def seed(
    requests: Synthetic,
    most_rows: int,
    infer: Callable[[bytes], object],
    budget_s: float = BUDGET_S,
) -> int:
    """Runs 1, 2, 4, ... `most_rows` rows a few times each while the budget lasts (1 row in any
    case); returns the largest size that ran. Raises what `infer` raises."""
    end = time.monotonic() + budget_s
    largest, run_s = 0, 0.0
    for rows in powers_of_two(most_rows):
        expected_s = LEAST_RUNS * run_s * rows / max(largest, 1)
        over = requests.row_bytes * rows > MAX_BYTES or time.monotonic() + expected_s > end
        if largest and over:
            break
        run_s = _run(requests.request(rows), infer, end)
        largest = rows
    return largest


def warm(
    requests: Synthetic, sizes: Sequence[int], slots: int, infer: Callable[[bytes], object]
) -> None:
    """Runs every size on every slot, however long it takes: on a GPU slots take turns, and the
    first run of a size finds kernels, builds engines or captures a graph. Raises what `infer`
    raises."""
    for number, rows in enumerate(sizes, 1):
        _log.info(
            "%s: warming up batches of %d (size %d of %d) on %d slots",
            *(requests.model, rows, number, len(sizes), slots),
        )
        request = requests.request(rows)
        for _ in range(slots * WARM_RUNS):
            infer(request)


def _run(request: bytes, infer: Callable[[bytes], object], end: float) -> float:
    """RUNS times, fewer past `end`; how long the last one took."""
    for count in range(1, RUNS + 1):
        began = time.monotonic()
        infer(request)
        ended = time.monotonic()
        if count >= LEAST_RUNS and ended > end:
            break
    return ended - began


def powers_of_two(most: int) -> Iterator[int]:
    """1, 2, 4, ... and `most`."""
    rows = 1
    while rows < most:
        yield rows
        rows *= 2
    yield most
