"""Warm-up requests."""

import struct
from pathlib import Path

import pytest

from server.config.dtypes import ELEMENT_SIZE, Datatype
from server.config.spec import ModelConfig, Warmup, WarmupInput
from server.proto import inference_pb2
from server.warmup import WarmupError, build_request


def build(
    source: WarmupInput, folder: Path, config: ModelConfig | None = None, batch: int = 1
) -> inference_pb2.ModelInferRequest:
    sample = Warmup(name="w", inputs={"x": source}, batch_size=batch)
    data = build_request(config or ModelConfig(max_batch_size=0), sample, "m", folder)
    return inference_pb2.ModelInferRequest.FromString(data)


@pytest.mark.parametrize("datatype", [*ELEMENT_SIZE])
@pytest.mark.parametrize("data", ["zero", "random"])
def test_every_datatype_has_its_size(tmp_path: Path, datatype: Datatype, data: str) -> None:
    source = WarmupInput.model_validate({"datatype": datatype, "dims": (3, 5), "data": data})
    request = build(source, tmp_path)
    assert list(request.inputs[0].shape) == [3, 5]
    assert len(request.raw_input_contents[0]) == 15 * ELEMENT_SIZE[datatype]


def test_the_batch_dimension_is_added(tmp_path: Path) -> None:
    source = WarmupInput(datatype="FP32", dims=(2,), data="random")
    request = build(source, tmp_path, ModelConfig(max_batch_size=8), batch=4)
    assert list(request.inputs[0].shape) == [4, 2]
    values = struct.unpack("<8f", request.raw_input_contents[0])
    assert all(0 <= value < 1 for value in values)


def test_strings_carry_their_lengths(tmp_path: Path) -> None:
    empty = build(WarmupInput(datatype="BYTES", dims=(2,)), tmp_path)
    assert empty.raw_input_contents[0] == bytes(8)
    words = build(WarmupInput(datatype="BYTES", dims=(1,), data="random"), tmp_path)
    assert words.raw_input_contents[0][:4] == struct.pack("<I", 8)


def test_files_are_sent_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x01\x02")
    source = WarmupInput(datatype="UINT8", dims=(2,), data="file", file="x.bin")
    assert build(source, tmp_path).raw_input_contents[0] == b"\x01\x02"
    missing = source.model_copy(update={"file": "y.bin"})
    with pytest.raises(WarmupError, match=r"y\.bin: No such file"):
        build(missing, tmp_path)
