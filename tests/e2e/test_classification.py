"""Classes and probabilities in place of scores, asked for by NVIDIA's own client."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from tests import graphs
from tests.e2e.reference import Reference
from tests.e2e.tensors import Array
from tests.server_process import ServerProcess

LABELS = [f"label {number}" for number in range(10)]
DIGITS = """\
max_batch_size: 64
labels: {logits: names.txt}
postprocess: {logits: {softmax: true}}
"""
PBTXT = """\
max_batch_size: 64
input [ { name: "image" data_type: TYPE_FP32 dims: [ 1, 8, 8 ] } ]
output [
  { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "names.txt" },
  { name: "logits" data_type: TYPE_FP32 dims: [ 10 ] }
]
dynamic_batching { }
"""
# Two rows share a run, whatever their lengths; padding would outweigh every score.
PADDED = """\
max_batch_size: 2
padding: {inputs: {INPUT0: 1000}}
postprocess: {OUTPUT0: {softmax: true}}
dynamic_batching: {preferred_batch_size: [2], max_queue_delay_microseconds: 60000000}
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, model_repository: Path) -> Path:
    folder = tmp_path_factory.mktemp("classes")
    for name, file, text in (("own", "model.yaml", DIGITS), ("triton", "config.pbtxt", PBTXT)):
        (folder / name).mkdir()
        shutil.copytree(model_repository / "digits" / "1", folder / name / "1")
        (folder / name / file).write_text(text)
        (folder / name / "names.txt").write_text("\n".join(LABELS))
    graphs.write_model(folder, "padded", graphs.dynamic_inner())
    (folder / "padded" / "model.yaml").write_text(PADDED)
    graphs.write_model(folder, "unbatched", graphs.identity((2, 3), "FP16"))
    soft = "max_batch_size: 0\npostprocess: {OUTPUT0: {softmax: true}}\n"
    (folder / "unbatched" / "model.yaml").write_text(soft)
    graphs.write_model(folder, "text", graphs.identity(dtype="BYTES"))
    return folder


@pytest.fixture(scope="module")
def server(serve: Callable[..., ServerProcess], repository: Path) -> ServerProcess:
    return serve(repository)


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Any]:
    with triton.InferenceServerClient(server.grpc) as client:
        yield client


def given(name: str, array: Array, datatype: str = "FP32") -> list[Any]:
    made = triton.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array)
    return [made]


def images(rows: int) -> Array:
    return np.random.default_rng(3).uniform(0, 16, (rows, 1, 8, 8)).astype(np.float32)


def softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    sums: Array = powers.sum(axis=-1, keepdims=True)
    return np.divide(powers, sums)


def texts(scores: Array, count: int, labels: list[str]) -> list[list[str]]:
    """What classification answers: best first, the lower class where scores are equal."""
    order = np.argsort(-scores, axis=-1, kind="stable")[:, :count]
    ending = [f":{label}" for label in labels] or [""] * scores.shape[-1]
    return [
        [f"{row[index]:.6f}:{index}{ending[index]}" for index in best]
        for row, best in zip(scores, order, strict=True)
    ]


def decoded(classes: Array) -> list[list[str]]:
    return [[text.decode() for text in row] for row in classes.tolist()]


def test_classes_come_with_labels_from_a_config_pbtxt(client: Any) -> None:
    batch = images(5)
    wanted = [
        triton.InferRequestedOutput("probabilities", class_count=3),
        triton.InferRequestedOutput("logits", class_count=2),
    ]
    classes = client.infer("triton", given("image", batch), outputs=wanted)
    plain = client.infer("triton", given("image", batch))
    probabilities, logits = plain.as_numpy("probabilities"), plain.as_numpy("logits")
    assert classes.as_numpy("probabilities").shape == (5, 3)
    assert decoded(classes.as_numpy("probabilities")) == texts(probabilities, 3, LABELS)
    assert decoded(classes.as_numpy("logits")) == texts(logits, 2, [])
    assert classes.get_output("probabilities").datatype == "BYTES"


def test_softmax_answers_probabilities_and_classes_of_them(client: Any, repository: Path) -> None:
    batch = images(7)
    wanted = [triton.InferRequestedOutput("logits")]
    probabilities = client.infer("own", given("image", batch), outputs=wanted).as_numpy("logits")
    raw = Reference(repository / "own" / "1" / "model.onnx").run({"image": batch})["logits"]
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_allclose(probabilities, softmax(raw), rtol=1e-4, atol=1e-7)
    ranked = [triton.InferRequestedOutput("logits", class_count=10)]
    classes = client.infer("own", given("image", batch), outputs=ranked).as_numpy("logits")
    assert decoded(classes) == texts(probabilities, 10, LABELS)


def test_more_classes_than_there_are_is_all(client: Any) -> None:
    wanted = [triton.InferRequestedOutput("probabilities", class_count=2**40)]
    classes = client.infer("triton", given("image", images(2)), outputs=wanted)
    assert classes.as_numpy("probabilities").shape == (2, 10)


def test_requests_of_one_run_are_answered_each_in_its_way(client: Any) -> None:
    """Of two lengths: padding has no part in probabilities, and is no class."""
    short = np.array([[3, 1]], np.float32)
    long = np.array([[1, 5, 5, 2, 0]], np.float32)
    waiting: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
    wanted = [triton.InferRequestedOutput("OUTPUT0", class_count=4)]
    client.async_infer(
        "padded",
        given("INPUT0", short),
        callback=lambda result, error: waiting.put((result, error)),
        outputs=wanted,
    )
    plain = client.infer("padded", given("INPUT0", long))
    ranked, error = waiting.get(timeout=60)
    assert error is None
    np.testing.assert_allclose(plain.as_numpy("OUTPUT0"), softmax(long), rtol=1e-6)
    assert plain.as_numpy("SUM").tolist() == [[13.0]]
    assert decoded(ranked.as_numpy("OUTPUT0")) == texts(softmax(short), 4, [])


def test_without_a_batch_dimension_all_elements_are_classes(client: Any) -> None:
    scores = np.array([[0, 1, 2], [2, 1, 0]], np.float16)
    plain = client.infer("unbatched", given("INPUT0", scores, "FP16")).as_numpy("OUTPUT0")
    assert plain.dtype == np.float16
    np.testing.assert_allclose(plain, softmax(scores.astype(np.float32)), rtol=1e-3)
    wanted = [triton.InferRequestedOutput("OUTPUT0", class_count=3)]
    classes = client.infer("unbatched", given("INPUT0", scores, "FP16"), outputs=wanted)
    flat = plain.astype(np.float32).reshape(1, 6)
    assert decoded(classes.as_numpy("OUTPUT0")[None]) == texts(flat, 3, [])


@pytest.mark.parametrize("count", [-1, "three", 2.0, True])
def test_what_is_no_number_of_classes_is_refused(client: Any, count: Any) -> None:
    wanted = triton.InferRequestedOutput("probabilities")
    field = {int: "int64_param", str: "string_param", float: "double_param", bool: "bool_param"}
    setattr(wanted._get_tensor().parameters["classification"], field[type(count)], count)
    with pytest.raises(InferenceServerException) as caught:
        client.infer("triton", given("image", images(1)), outputs=[wanted])
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert "must be an int64_param of 1 or more" in caught.value.message()


def test_text_has_no_classes(client: Any) -> None:
    words = np.full((1, 16), b"a", np.object_)
    wanted = [triton.InferRequestedOutput("OUTPUT0", class_count=1)]
    with pytest.raises(InferenceServerException) as caught:
        client.infer("text", given("INPUT0", words, "BYTES"), outputs=wanted)
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert "needs an output of numbers, not BYTES" in caught.value.message()


def test_metadata_and_configuration_say_what_is_there(client: Any) -> None:
    assert "classification" in client.get_server_metadata().extensions
    metadata = client.get_model_metadata("own")
    assert [(each.name, each.datatype) for each in metadata.outputs][1] == ("logits", "FP32")
    [probabilities, logits] = client.get_model_config("triton").config.output
    assert (probabilities.label_filename, logits.label_filename) == ("names.txt", "")
