"""Shapes, several inputs and outputs, requested outputs, ids and versions."""

from pathlib import Path

import grpc
import numpy as np
import pytest

from tests import graphs
from tests.e2e.client import Client, arrays, infer_request
from tests.e2e.reference import Reference, close, same_bits
from tests.e2e.tensors import Array


def reference(folder: Path, name: str) -> Reference:
    return Reference(graphs.write_model(folder, name, graphs.GRAPHS[name]()))


def fp32(*shape: int) -> Array:
    return np.random.default_rng(3).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        ("dynamic_inner", {"INPUT0": fp32(2, 5)}),
        ("dynamic_inner", {"INPUT0": fp32(1, 1000)}),
        ("dynamic_inner", {"INPUT0": fp32(3, 0)}),
        ("add_scalar", {"INPUT0": fp32(6), "SCALAR": np.array(2.5, np.float32)}),
        ("add_scalar", {"INPUT0": fp32(0), "SCALAR": np.array(2.5, np.float32)}),
        ("no_batch", {"INPUT0": fp32(4, 4)}),
        ("mixes_rows", {"INPUT0": fp32(3, 4)}),
        ("subtracts_mean", {"INPUT0": np.array([[5], [2], [9]])}),
        ("flattens", {"INPUT0": fp32(3, 4)}),
        ("empty_rows", {"INPUT0": fp32(2, 0), "ONE": fp32(2, 1)}),
        ("passes_through", {"INPUT0": fp32(3, 4)}),
        ("identity_image", {"INPUT0": fp32(2, 37500)}),
        ("many_io", {f"IN{i}": fp32(2, 2) + i for i in range(32)}),
    ],
)
def test_values_are_those_of_onnx_runtime(
    zoo_client: Client, tmp_path: Path, model: str, inputs: dict[str, Array]
) -> None:
    expected = reference(tmp_path, model).run(inputs)
    got = zoo_client.infer(model, inputs)
    assert list(got) == list(expected)
    for name, values in expected.items():
        close(got[name], values)


def test_inputs_may_come_in_any_order(zoo_client: Client) -> None:
    inputs = {f"IN{i}": fp32(2, 2) + i for i in reversed(range(32))}
    got = zoo_client.infer("many_io", inputs)
    for i in range(32):
        close(got[f"OUT{i}"], inputs[f"IN{i}"] + np.float32(i))


def test_requests_of_different_inner_shapes_do_not_mix(zoo_client: Client) -> None:
    batches = [fp32(1 + i % 2, 1 + i % 7) for i in range(60)]
    futures = [
        zoo_client.start(infer_request("dynamic_inner", {"INPUT0": each})) for each in batches
    ]
    for batch, future in zip(batches, futures, strict=True):
        got = arrays(future.result())
        same_bits(got["OUTPUT0"], batch)
        close(got["SUM"], batch.sum(axis=1, keepdims=True))


def test_a_scalar_output_has_no_dimension(zoo_client: Client) -> None:
    inputs = {"INPUT0": fp32(3), "SCALAR": np.array(1, np.float32)}
    response = zoo_client.send(infer_request("add_scalar", inputs))
    assert list(response.outputs[1].shape) == []
    assert len(response.raw_output_contents[1]) == 4


@pytest.mark.parametrize(
    "wanted", [["OUT3"], ["OUT31", "OUT0"], [f"OUT{i}" for i in reversed(range(32))]]
)
def test_requested_outputs_come_in_the_order_asked(zoo_client: Client, wanted: list[str]) -> None:
    inputs = {f"IN{i}": fp32(1, 2) for i in range(32)}
    got = arrays(zoo_client.send(infer_request("many_io", inputs, outputs=wanted)))
    assert list(got) == wanted
    for name in wanted:
        close(got[name], fp32(1, 2) + np.float32(int(name[3:])))


def test_requests_for_different_outputs_share_batches(zoo_client: Client) -> None:
    batch = fp32(1, 4)
    wanted = [["SUM"], ["OUTPUT0"], ["SUM", "OUTPUT0"], []] * 10
    futures = [
        zoo_client.start(infer_request("dynamic_inner", {"INPUT0": batch}, outputs=names))
        for names in wanted
    ]
    for names, future in zip(wanted, futures, strict=True):
        assert list(arrays(future.result())) == (names or ["OUTPUT0", "SUM"])


@pytest.mark.parametrize("request_id", ["", "a", "Grüße/鳥", "x" * 10_000])
def test_the_id_is_copied(zoo_client: Client, request_id: str) -> None:
    request = infer_request("no_batch", {"INPUT0": fp32(4, 4)}, request_id=request_id)
    response = zoo_client.send(request)
    assert response.id == request_id
    assert response.model_name == "no_batch"
    assert response.model_version == "1"


@pytest.mark.parametrize(
    ("version", "answers", "offset"),
    [("1", "1", 100), ("2", "2", 200), ("3", "3", 300), ("", "3", 300)],
)
def test_versions(zoo_client: Client, version: str, answers: str, offset: float) -> None:
    batch = fp32(2, 2)
    response = zoo_client.send(infer_request("versions", {"INPUT0": batch}, version=version))
    assert response.model_version == answers
    close(arrays(response)["OUTPUT0"], batch + np.float32(offset))


@pytest.mark.parametrize("version", ["4", "0", "01", "latest", "-1"])
def test_an_unknown_version_names_those_served(zoo_client: Client, version: str) -> None:
    failure = zoo_client.refusal(infer_request("versions", {"INPUT0": fp32(1, 2)}, version=version))
    assert failure.code is grpc.StatusCode.NOT_FOUND
    for part in ("'versions'", f"'{version}'", "1, 2, 3"):
        assert part in failure.message
