"""Requests of different lengths share batches, and nobody sees the padding."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest

from tests import graphs
from tests.e2e.client import Client, arrays, infer_request
from tests.e2e.conftest import Serve
from tests.e2e.metrics import Metrics
from tests.e2e.reference import Reference, close
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

PADDED = """\
max_batch_size: 16
padding:
  inputs: {IDS: 7}
  mask: MASK
  buckets: [16, 64]
"""
# Runs when eight rows of one bucket wait, so a test decides what shares a batch.
TOGETHER = f"""\
{PADDED}dynamic_batching:
  preferred_batch_size: [8]
  max_queue_delay_microseconds: 20000000
"""
CLIENTS = 8


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    folder: Path = tmp_path_factory.mktemp("encoders")
    for name, config in (("encoder", PADDED), ("together", TOGETHER), ("metered", TOGETHER)):
        graphs.write_model(folder, name, graphs.encoder())
        (folder / name / "model.yaml").write_text(config)
    return serve(folder)


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("reference")
    return Reference(graphs.write_model(folder, "encoder", graphs.encoder()))


def sentences(rows: int, length: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 100, (rows, length))


def unpadded(reference: Reference, ids: Array, mask: Array | None = None) -> dict[str, Array]:
    """What the model gives to this request by itself."""
    return reference.run({"IDS": ids, "MASK": np.ones_like(ids) if mask is None else mask})


def agree(got: dict[str, Array], expected: dict[str, Array]) -> None:
    assert list(got) == ["HIDDEN", "ATTENTION", "POOLED"]
    for name, values in got.items():
        close(values, expected[name])


def test_many_clients_with_many_lengths_get_what_they_get_alone(
    server: ServerProcess, reference: Reference
) -> None:
    def drive(seed: int) -> int:
        random = np.random.default_rng(seed)
        sent = []
        with Client(server.grpc) as client:
            for number in range(40):
                rows, length = int(random.choice([1, 1, 1, 2, 5])), int(random.integers(1, 200))
                ids = sentences(rows, length, seed * 1000 + number)
                mask = random.integers(0, 2, ids.shape) | (np.arange(length) == 0)
                inputs = {"IDS": ids, "MASK": mask} if number % 2 else {"IDS": ids}
                future = client.start(infer_request("encoder", inputs))
                sent.append((ids, inputs.get("MASK"), future))
            for ids, given, future in sent:
                agree(arrays(future.result()), unpadded(reference, ids, given))
        return len(sent)

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert sum(pool.map(drive, range(CLIENTS))) == CLIENTS * 40


def test_a_bucket_is_one_batch_padded_to_the_longest_in_it(
    client: Client, server: ServerProcess, reference: Reference
) -> None:
    batch = [sentences(1, length, length) for length in (20, 17, 33, 18, 50)]
    batch.append(sentences(3, 25))  # rows of one request
    sent = [client.start(infer_request("metered", {"IDS": ids})) for ids in batch]
    for ids, future in zip(batch, sent, strict=True):
        agree(arrays(future.result()), unpadded(reference, ids))
    metrics = Metrics.scrape(server.http)
    data = sum(ids.size for ids in batch)
    assert metrics.value("nv_inference_exec_count", model="metered") == 1
    # IDS and MASK, 8 rows of 50
    assert metrics.value("skein_input_elements_total", model="metered") == 2 * 8 * 50
    assert metrics.value("skein_padding_elements_total", model="metered") == 2 * (8 * 50 - data)


def test_masks_that_are_sent_and_masks_that_are_made_share_a_batch(
    client: Client, reference: Reference
) -> None:
    ids = [sentences(1, length, length) for length in range(3, 11)]
    masks = [np.array([[1, 1, 0] + [1] * (each.size - 3)]) for each in ids]
    sent = []
    for number, (each, mask) in enumerate(zip(ids, masks, strict=True)):
        inputs = {"MASK": mask, "IDS": each} if number % 2 else {"IDS": each}
        sent.append(client.start(infer_request("together", inputs)))
    for number, future in enumerate(sent):
        given = masks[number] if number % 2 else None
        agree(arrays(future.result()), unpadded(reference, ids[number], given))


def test_only_the_outputs_asked_for_are_cut_and_sent(client: Client, reference: Reference) -> None:
    batch = [sentences(1, length, length) for length in range(1, 9)]
    sent = [
        client.start(infer_request("together", {"IDS": ids}, outputs=["POOLED", "HIDDEN"]))
        for ids in batch
    ]
    for ids, future in zip(batch, sent, strict=True):
        got = arrays(future.result())
        expected = unpadded(reference, ids)
        assert list(got) == ["POOLED", "HIDDEN"]
        close(got["POOLED"], expected["POOLED"])
        close(got["HIDDEN"], expected["HIDDEN"])


def test_empty_sentences_are_run_as_they_are(client: Client, reference: Reference) -> None:
    empty = np.zeros((2, 0), np.int64)
    got = client.infer("encoder", {"IDS": empty})
    agree(got, unpadded(reference, empty))
    assert got["HIDDEN"].shape == (2, 0, 16)


def test_lengths_that_differ_within_a_request_are_refused(client: Client) -> None:
    refused = client.refusal(
        infer_request("encoder", {"IDS": sentences(1, 5), "MASK": np.ones((1, 4), np.int64)})
    )
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    for words in ("'MASK'", "[1,4]", "'IDS'", "[1,5]", "must all be equal"):
        assert words in refused.message


def test_only_the_mask_may_be_left_out(client: Client) -> None:
    refused = client.refusal(infer_request("encoder", {"MASK": np.ones((1, 4), np.int64)}))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "lacks input 'IDS'" in refused.message


def test_a_length_that_the_data_does_not_have_is_refused(client: Client) -> None:
    request = infer_request("encoder", {"IDS": sentences(1, 4)})
    for length in (1 << 40, 1 << 62):
        request.inputs[0].shape[1] = length
        refused = client.refusal(request)
        assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
        assert "'IDS'" in refused.message
