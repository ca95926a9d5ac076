"""A repository written for Triton gives the values that ONNX Runtime gives."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto

from tests import graphs
from tests.e2e.client import Client, arrays, infer_request
from tests.e2e.reference import Reference, close, same_bits
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

MODELS: dict[str, Callable[[], ModelProto]] = {"identity": graphs.identity, "mlp": graphs.mlp}
WIDTH = {"identity": 16, "mlp": 64}
CLIENTS = 32


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reference]:
    folder: Path = tmp_path_factory.mktemp("reference")
    return {
        name: Reference(graphs.write_model(folder, name, make())) for name, make in MODELS.items()
    }


def rows(model: str, count: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(count, WIDTH[model])).astype(np.float32)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_one_request(
    triton_client: Client, references: dict[str, Reference], model: str, count: int
) -> None:
    batch = rows(model, count)
    got = triton_client.infer(model, {"INPUT0": batch})
    expected = references[model].run({"INPUT0": batch})
    assert list(got) == ["OUTPUT0"]
    check = same_bits if model == "identity" else close
    check(got["OUTPUT0"], expected["OUTPUT0"])


def mixed_requests(seed: int) -> Iterator[tuple[str, Array]]:
    """40 requests of both models and mixed sizes."""
    random = np.random.default_rng(seed)
    for i in range(40):
        model = ("identity", "mlp")[int(random.integers(2))]
        yield model, rows(model, int(random.choice([1, 1, 1, 2, 3, 5, 16, 64])), 1000 * seed + i)


def test_32_clients_at_once_with_mixed_sizes_get_their_own_rows(
    triton_server: ServerProcess, references: dict[str, Reference]
) -> None:
    def drive(seed: int) -> int:
        with Client(triton_server.grpc) as client:
            sent = [
                (model, batch, client.start(infer_request(model, {"INPUT0": batch})))
                for model, batch in mixed_requests(seed)
            ]
            for model, batch, future in sent:
                got = arrays(future.result())["OUTPUT0"]
                close(got, references[model].run({"INPUT0": batch})["OUTPUT0"])
            return len(sent)

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert sum(pool.map(drive, range(CLIENTS))) == CLIENTS * 40
