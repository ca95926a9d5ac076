"""Measuring a version at load, before any request."""

from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, helper

from server.config.image_spec import ImageConfig
from server.config.preprocess_spec import Preprocess
from server.config.spec import ModelConfig, TensorConfig, Warmup, WarmupInput
from server.proto import inference_pb2
from server.registry import State
from server.seeding import LEAST_RUNS, RUNS, SeedingError, seed, synthetic_requests, warm
from tests import graphs
from tests.unit.serving import Serving

SAMPLE = "{name: w, batch_size: 2, inputs: {INPUT0: {datatype: FP32, dims: [%d]}}}"


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    return Serving(tmp_path)


def learnt(serving: Serving, model: str = "m") -> dict[int, int]:
    """Rows -> runs recorded, of the loaded version; its statistics must be zero."""
    entry = serving.registry.find(model, None)
    assert entry is not None
    assert entry.state is State.READY
    assert entry.served is not None
    (snapshot,) = serving.engine.models()
    assert snapshot.execution_count == snapshot.success.count == 0
    assert not any(snapshot.releases.values())
    assert [row.rows for row in snapshot.latency] == [row.rows for row in entry.served.latency]
    assert all(0 < row.median_ns <= row.high_ns for row in entry.served.latency)
    return {row.rows: row.samples for row in entry.served.latency}


def test_pictures_are_sent_as_pixels() -> None:
    image = Preprocess(name="photo", image=ImageConfig(size=(8, 6)))
    tensor = TensorConfig(name="x", datatype="FP32", dims=(3, -1, -1))
    config = ModelConfig(max_batch_size=4, inputs=(tensor,), preprocess={"x": image})
    request = inference_pb2.ModelInferRequest()
    request.ParseFromString(synthetic_requests(config, "m").request(2))
    (sent,) = request.inputs
    assert (sent.name, sent.datatype, list(sent.shape)) == ("photo", "UINT8", [2, 16, 12, 3])


def fails_on_zeros() -> ModelProto:
    """INDEX INT64[batch] - 1000 looks up a table of 4 rows: only 1000 to 1003 are in it."""
    nodes = [
        helper.make_node("Sub", ["INDEX", "first"], ["at"]),
        helper.make_node("Gather", ["table", "at"], ["OUTPUT0"]),
    ]
    constants: dict[str, np.ndarray] = {
        "first": np.array(1000, np.int64),
        "table": np.arange(8, dtype=np.float32).reshape(4, 2),
    }
    inputs = [graphs.tensor("INDEX", ("batch",), "INT64")]
    return graphs.graph(nodes, inputs, [graphs.tensor("OUTPUT0", ("batch", 2))], constants)


def test_a_loaded_version_knows_its_batch_sizes_and_has_counted_nothing(serving: Serving) -> None:
    serving.add("m", graphs.identity(), yaml="max_batch_size: 12")
    serving.load()
    assert learnt(serving).keys() == {1, 2, 4, 8, 12}


def test_a_model_without_batch_dimension_is_measured_by_single_requests(serving: Serving) -> None:
    serving.add("m", graphs.no_batch())
    serving.load()
    assert learnt(serving).keys() == {1}


def test_nothing_waits_for_the_queue_delay(serving: Serving) -> None:
    batching = "dynamic_batching: {max_queue_delay_microseconds: 60000000}"
    serving.add("m", graphs.identity(), yaml=f"max_batch_size: 4\n{batching}")
    serving.load()
    assert learnt(serving) == {1: RUNS, 2: RUNS, 4: RUNS}


def test_dynamic_dimensions_are_those_of_the_warm_up_sample(serving: Serving) -> None:
    yaml = f"max_batch_size: 4\nwarmup: [{SAMPLE % 7}]"
    serving.add("m", graphs.dynamic_inner(), yaml=yaml)
    serving.load()
    assert learnt(serving) == {1: RUNS, 2: RUNS + 1, 4: RUNS}


def test_without_a_sample_a_model_of_dynamic_dimensions_learns_later(serving: Serving) -> None:
    serving.add("m", graphs.dynamic_inner(), yaml="max_batch_size: 4")
    serving.load()
    assert learnt(serving) == {}


def test_a_model_that_fails_on_synthetic_data_is_served(serving: Serving) -> None:
    serving.add("m", fails_on_zeros(), yaml="max_batch_size: 4")
    serving.load()
    assert learnt(serving) == {}


def test_one_row_is_repeated() -> None:
    tensor = TensorConfig(name="x", datatype="FP32", dims=(3,))
    source = WarmupInput(datatype="FP32", dims=(3,), data="random")
    warmup = (Warmup(name="w", inputs={"x": source}),)
    config = ModelConfig(max_batch_size=8, inputs=(tensor,), warmup=warmup)
    data = synthetic_requests(config, "m").request(5)
    request = inference_pb2.ModelInferRequest.FromString(data)
    assert list(request.inputs[0].shape) == [5, 3]
    values = np.frombuffer(request.raw_input_contents[0], np.float32).reshape(5, 3)
    assert (values == values[0]).all()
    assert (values != 0).all()


def test_an_input_that_is_too_large_or_unknown_is_named() -> None:
    for dims in ((-1,), (1 << 30,)):
        tensor = TensorConfig(name="x", datatype="FP32", dims=dims)
        with pytest.raises(SeedingError, match='"x"'):
            synthetic_requests(ModelConfig(max_batch_size=8, inputs=(tensor,)), "m")


def test_the_budget_bounds_all_but_the_first_size() -> None:
    tensor = TensorConfig(name="x", datatype="FP32", dims=(3,))
    requests = synthetic_requests(ModelConfig(max_batch_size=8, inputs=(tensor,)), "m")
    runs: list[bytes] = []
    assert seed(requests, 8, runs.append, budget_s=0.0) == 1
    assert len(runs) == LEAST_RUNS
    runs.clear()
    assert seed(requests, 6, runs.append, budget_s=60.0) == 6
    assert runs == [requests.request(rows) for rows in (1, 2, 4, 6) for _ in range(RUNS)]


def test_every_size_is_warmed_on_every_slot_however_long_it_takes() -> None:
    config = ModelConfig(
        max_batch_size=4, inputs=(TensorConfig(name="x", datatype="FP32", dims=(2,)),)
    )
    ran: list[int] = []

    def infer(request: bytes) -> None:
        ran.append(inference_pb2.ModelInferRequest.FromString(request).inputs[0].shape[0])

    warm(synthetic_requests(config, "m"), [1, 4], 3, infer)
    assert ran == [1] * 3 * (1 + LEAST_RUNS) + [4] * 3 * (1 + LEAST_RUNS)
