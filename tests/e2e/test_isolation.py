"""A request that goes wrong spoils nothing but itself; a model that fails, its own batch only."""

from pathlib import Path

import grpc
import numpy as np

from tests import graphs
from tests.e2e.client import Client, arrays, infer_request, outcome
from tests.e2e.conftest import Serve
from tests.e2e.repositories import waiting_repository
from tests.e2e.tensors import Array

TABLE = np.arange(8, dtype=np.float32).reshape(4, 2)


def lookup(*indices: int) -> Array:
    return np.array(indices, np.int64)


def test_a_node_that_fails_says_so_and_the_next_batch_runs(zoo_client: Client) -> None:
    for _ in range(3):
        refused = zoo_client.refusal(infer_request("fails_at_run", {"INDEX": lookup(9)}))
        assert refused.code is grpc.StatusCode.INTERNAL
        assert "lookup" in refused.message, "the node's name"
        got = zoo_client.infer("fails_at_run", {"INDEX": lookup(2, 0)})["OUTPUT0"]
        assert got.tolist() == TABLE[[2, 0]].tolist()


def test_requests_of_other_batches_and_models_go_on_beside_a_failing_one(
    zoo_client: Client,
) -> None:
    indices = [i % 5 for i in range(200)]  # 4 is out of range
    looking = [
        zoo_client.start(infer_request("fails_at_run", {"INDEX": lookup(i)})) for i in indices
    ]
    batch = np.ones((1, 4), np.float32)
    others = [zoo_client.start(infer_request("dynamic_inner", {"INPUT0": batch})) for _ in indices]
    assert {outcome(each) for each in others} == {None}
    for index, future in zip(indices, looking, strict=True):
        failed = outcome(future)
        if failed is None:
            assert arrays(future.result())["OUTPUT0"].tolist() == [TABLE[index].tolist()]
        else:
            assert failed.code is grpc.StatusCode.INTERNAL
    got = zoo_client.infer("fails_at_run", {"INDEX": lookup(3)})["OUTPUT0"]
    assert got.tolist() == [TABLE[3].tolist()]


def test_malformed_requests_do_not_fail_the_batch_that_forms_around_them(
    serve: Serve, tmp_path: Path
) -> None:
    server = serve(waiting_repository(tmp_path))
    good = [np.full((1, 16), i, np.float32) for i in range(64)]
    bad = infer_request("waiting", {"INPUT0": good[0]})
    bad.raw_input_contents[0] = b"short"
    with Client(server.grpc) as client:
        sent = []
        for batch in good:
            refused = client.refusal(bad)
            assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
            sent.append(client.start(infer_request("waiting", {"INPUT0": batch})))
        for batch, future in zip(good, sent, strict=True):
            assert arrays(future.result())["OUTPUT0"].tolist() == batch.tolist()


def test_models_share_a_server_with_one_that_always_fails(serve: Serve, tmp_path: Path) -> None:
    graphs.write_model(tmp_path, "fails_at_run", graphs.fails_at_run())
    graphs.write_model(tmp_path, "mlp", graphs.mlp())
    server = serve(tmp_path)
    with Client(server.grpc) as client:
        for _ in range(50):
            assert client.refusal(infer_request("fails_at_run", {"INDEX": lookup(-9)}))
            assert client.infer("mlp", {"INPUT0": np.ones((1, 64), np.float32)})
