"""Pictures, rows and texts are sent; the model gets what the library makes of them in training."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image as Pillow
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from server.preprocess import Columns, Image, Text
from server.proto import inference_pb2 as pb
from tests import graphs
from tests.e2e.client import Client, Failure, arrays, infer_request, outcome
from tests.e2e.conftest import Serve
from tests.e2e.metrics import Metrics
from tests.e2e.reference import Reference, close
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

IMAGE = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "resize": "shortest"}
FEATURES: list[dict[str, Any]] = [
    {"name": "age", "datatype": "FP32", "standardize": {"mean": 40.0, "scale": 12.5}, "fill": 40.0},
    {"name": "city", "datatype": "BYTES", "one_hot": {"categories": ["Paris", "Rome"]}},
    {"name": "rooms", "datatype": "INT64"},
]
TEXTS = ["a small cat", "the dog and the cat ran, the bird flew away over the hill", "", "bird"]
# Eight rows wait for each other, so that a test decides what shares a batch.
TOGETHER = {
    "max_batch_size": 8,
    "dynamic_batching": {
        "preferred_batch_size": [8],
        "max_queue_delay_microseconds": 20_000_000,
    },
}


def encoded(seed: int, size: tuple[int, int] = (40, 30), form: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8)
    file = io.BytesIO()
    Pillow.fromarray(pixels).resize(size).save(file, form)
    return file.getvalue()


def elements(*values: bytes | str) -> Array:
    raw = [value.encode() if isinstance(value, str) else value for value in values]
    return np.array(raw, np.object_).reshape(-1, 1)


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    made.train_from_iterator(
        TEXTS * 5, trainers.WordPieceTrainer(vocab_size=90, special_tokens=special)
    )
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return made


def write(folder: Path, name: str, model: Any, config: dict[str, Any]) -> Path:
    graphs.write_model(folder, name, model)
    (folder / name / "model.yaml").write_text(json.dumps(config))
    return folder / name


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("raw")
    picture = {"preprocess": {"INPUT0": {"image": IMAGE}}}
    planes = graphs.identity(("batch", 3, 16, 12))
    write(folder, "picture", planes, {"max_batch_size": 8} | picture)
    write(folder, "together", planes, TOGETHER | picture)
    write(folder, "fixed", graphs.identity((1, 3, 16, 12)), picture)
    named = {"preprocess": {"INPUT0": {"name": "photo", "image": {"size": [8, 8]}}}}
    write(
        folder, "bytes", graphs.identity(("batch", 8, 8, 3), "UINT8"), {"max_batch_size": 8} | named
    )
    columns = {"preprocess": {"INPUT0": {"name": "row", "columns": {"features": FEATURES}}}}
    write(folder, "table", graphs.identity(("batch", 4)), TOGETHER | columns)
    text = {"max_length": 16, "mask": "MASK"}
    made = write(
        folder,
        "text",
        graphs.encoder(),
        {"max_batch_size": 8, "preprocess": {"IDS": {"name": "text", "text": text}}},
    )
    tokenizer().save(str(made / "tokenizer.json"))
    long = {"max_batch_size": 32, "preprocess": {"IDS": {"text": {"max_length": 1_000_000}}}}
    made = write(folder, "long", graphs.dynamic_inner_ids(), long)
    tokenizer().save(str(made / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def server(serve: Serve, repository: Path) -> ServerProcess:
    return serve(repository)


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def image() -> Image:
    return Image("FP32", (3, 16, 12), **IMAGE)


def start_all(client: Client, model: str, inputs: Sequence[dict[str, Array]]) -> list[Any]:
    return [client.start(infer_request(model, each)) for each in inputs]


def told(client: Client, model: str) -> list[tuple[str, str, list[int]]]:
    metadata = client.inference.ModelMetadata(pb.ModelMetadataRequest(name=model))
    return [(each.name, each.datatype, list(each.shape)) for each in metadata.inputs]


# --- Pictures ---


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_an_encoded_picture_becomes_what_the_library_makes_of_it(
    client: Client, image: Image, form: str
) -> None:
    file = encoded(1, form=form)
    got = client.infer("picture", {"INPUT0": elements(file)})["OUTPUT0"]
    np.testing.assert_array_equal(got, image([file]))


def test_rows_of_a_request_are_pictures_of_any_size(client: Client, image: Image) -> None:
    files = [encoded(seed, (20 + 7 * seed, 50 - seed)) for seed in range(8)]
    got = client.infer("picture", {"INPUT0": elements(*files)})["OUTPUT0"]
    np.testing.assert_array_equal(got, image(files))


def test_pixels_take_the_same_way(client: Client, image: Image) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (2, 33, 47, 3), np.uint8)
    got = client.infer("picture", {"INPUT0": pixels})["OUTPUT0"]
    np.testing.assert_array_equal(got, image(list(pixels)))


def test_the_tensor_itself_can_still_be_sent(client: Client) -> None:
    tensor = np.random.default_rng(3).random((2, 3, 16, 12), np.float32)
    np.testing.assert_array_equal(client.infer("picture", {"INPUT0": tensor})["OUTPUT0"], tensor)


def test_a_model_without_batch_dimension_takes_one_picture(client: Client, image: Image) -> None:
    file = encoded(4)
    for value in (elements(file), elements(file).reshape(1)):
        got = client.infer("fixed", {"INPUT0": value})["OUTPUT0"]
        np.testing.assert_array_equal(got, image([file]))


def test_bytes_on_the_wire_and_in_the_model(client: Client) -> None:
    image = Image("UINT8", (8, 8, 3), size=(8, 8))
    pixels = np.random.default_rng(5).integers(0, 256, (1, 20, 30, 3), np.uint8)
    made = image(list(pixels))
    got = client.infer("bytes", {"photo": pixels})["OUTPUT0"]
    np.testing.assert_array_equal(got, made)
    np.testing.assert_array_equal(client.infer("bytes", {"INPUT0": made})["OUTPUT0"], made)


def test_metadata_tells_what_to_send(client: Client) -> None:
    assert told(client, "picture") == [("INPUT0", "BYTES", [-1, 1])]
    assert told(client, "fixed") == [("INPUT0", "BYTES", [1, 1])] or told(client, "fixed") == [
        ("INPUT0", "BYTES", [1])
    ]
    assert told(client, "bytes") == [("photo", "BYTES", [-1, 1])]
    assert told(client, "text") == [("text", "BYTES", [-1, 1])]
    assert told(client, "table") == [
        ("age", "FP32", [-1, 1]),
        ("city", "BYTES", [-1, 1]),
        ("rooms", "INT64", [-1, 1]),
    ]
    config = client.inference.ModelConfig(pb.ModelConfigRequest(name="table")).config
    assert [each.name for each in config.input] == ["age", "city", "rooms"]


def test_a_bad_picture_fails_alone_in_its_batch(
    client: Client, server: ServerProcess, image: Image
) -> None:
    good = [encoded(seed) for seed in range(4)]
    tensor = np.full((1, 3, 16, 12), 7, np.float32)
    sent: list[dict[str, Array]] = [
        {"INPUT0": elements(b"no picture at all")},
        {"INPUT0": elements(good[0])},
        {"INPUT0": tensor},
        {"INPUT0": elements(good[1], b"")},  # two rows, one of which is bad
        {"INPUT0": elements(good[2], good[3])},
        {"INPUT0": elements(good[0][:-40])},
    ]
    futures = start_all(client, "together", sent)
    refused = [outcome(future) for future in futures]
    assert [each is None for each in refused] == [False, True, True, False, True, False]
    for each, words in zip(
        (refused[0], refused[3], refused[5]), ("", "picture 1", ""), strict=True
    ):
        assert isinstance(each, Failure)
        assert each.code == grpc.StatusCode.INVALID_ARGUMENT
        assert words in each.message, each.message
    np.testing.assert_array_equal(arrays(futures[1].result())["OUTPUT0"], image(good[:1]))
    np.testing.assert_array_equal(arrays(futures[2].result())["OUTPUT0"], tensor)
    np.testing.assert_array_equal(arrays(futures[4].result())["OUTPUT0"], image(good[2:]))
    metrics = Metrics.scrape(server.http)
    assert metrics.value("nv_inference_exec_count", model="together") == 1
    assert metrics.value("nv_inference_count", model="together") == 4
    reason = {"model": "together", "reason": "OTHER"}
    assert metrics.value("nv_inference_request_failure", **reason) == 3
    assert metrics.value("skein_prepare_duration_seconds_count", model="together") == 3


def test_a_batch_of_bad_pictures_runs_nothing(client: Client, server: ServerProcess) -> None:
    before = Metrics.scrape(server.http).value("nv_inference_exec_count", model="picture")
    refusal = client.refusal(infer_request("picture", {"INPUT0": elements(b"GIF89a")}))
    assert refusal.code == grpc.StatusCode.INVALID_ARGUMENT
    after = Metrics.scrape(server.http).value("nv_inference_exec_count", model="picture")
    assert after == before


# --- Rows ---


def table_inputs(rows: Sequence[tuple[float, str, int]]) -> dict[str, Array]:
    ages, cities, rooms = zip(*rows, strict=True)
    return {
        "age": np.array(ages, np.float32).reshape(-1, 1),
        "city": elements(*cities),
        "rooms": np.array(rooms, np.int64).reshape(-1, 1),
    }


def test_columns_and_json_rows_become_the_matrix(client: Client) -> None:
    rows = [(39.0, "Paris", 3), (float("nan"), "Rome", 1)]
    as_json = ['{"age": 39, "city": "Paris", "rooms": 3}', '{"rooms": 1, "city": "Rome"}']
    expected = Columns(features=FEATURES)(as_json)
    sent = [table_inputs(rows), {"row": elements(*as_json)}, {"INPUT0": expected}]
    futures = start_all(client, "table", [*sent, {"row": elements(*as_json)}])  # eight rows
    for future in futures:
        np.testing.assert_array_equal(arrays(future.result())["OUTPUT0"], expected)


def test_a_bad_row_fails_alone_and_is_named(client: Client) -> None:
    good = table_inputs([(39.0, "Paris", 3)] * 4)
    bad = table_inputs([(39.0, "Rome", 3), (39.0, "Oslo", 3)])
    late = {"row": elements('{"age": 1, "city": "Rome", "rooms": "two"}', "{}")}
    futures = start_all(client, "table", [good, bad, late])
    assert outcome(futures[0]) is None
    expected = (("row 1", "city", "Oslo"), ("row 0", "rooms"))
    for future, words in zip(futures[1:], expected, strict=True):
        refused = outcome(future)
        assert refused is not None
        assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
        assert all(word in refused.message for word in words), refused.message


# --- Texts ---


def test_texts_of_different_length_share_the_model(
    client: Client, repository: Path, tmp_path: Path
) -> None:
    text = Text(repository / "text" / "tokenizer.json", max_length=16)
    reference = Reference(graphs.write_model(tmp_path, "encoder", graphs.encoder()))
    sent = [[text] for text in TEXTS] + [TEXTS[:2], TEXTS]
    futures = start_all(client, "text", [{"text": elements(*each)} for each in sent])
    for texts, future in zip(sent, futures, strict=True):
        made = text(texts)
        expected = reference.run({"IDS": made["ids"], "MASK": made["mask"]})
        got = arrays(future.result())
        for name, values in got.items():
            close(values, expected[name])


def test_a_long_text_is_prepared_elsewhere_and_answered_the_same(
    client: Client, repository: Path
) -> None:
    long = "the dog and the cat " * 500
    short = " ".join(long.split()[:16])
    got = client.infer("text", {"text": elements(long)})["POOLED"]
    close(got, client.infer("text", {"text": elements(short)})["POOLED"])


def test_text_that_is_no_utf8_is_refused(client: Client) -> None:
    for value in (b"caf\xe9", b"x" * 2000 + b"\xff"):
        refused = client.refusal(infer_request("text", {"text": elements(value)}))
        assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
        assert "UTF-8" in refused.message


def test_texts_with_more_tokens_than_a_request_may_hold_are_refused(client: Client) -> None:
    """A few bytes of text must not become gigabytes of padding."""
    texts = elements("a " * 300_000, *[""] * 31)
    refused = client.refusal(infer_request("long", {"IDS": texts}))
    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert "send fewer" in refused.message


def test_tokens_can_still_be_sent(client: Client) -> None:
    ids = np.array([[2, 5, 3]])
    given = client.infer("text", {"IDS": ids, "MASK": np.ones_like(ids)})
    assert given["POOLED"].shape == (1, 16)
    refused = client.refusal(infer_request("text", {"IDS": ids, "text": elements("a cat")}))
    assert refused.code == grpc.StatusCode.INVALID_ARGUMENT
    assert "both are sent" in refused.message
