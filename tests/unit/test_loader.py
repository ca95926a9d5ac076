"""Loading small real models into the real engine, without a server process."""

from pathlib import Path

import onnx
import pytest

from server.check import check
from server.registry import State
from server.repository import RepositoryError
from server.stopped import StoppedError
from tests import graphs
from tests.unit.serving import Serving


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    return Serving(tmp_path)


def test_a_model_without_configuration_is_completed(serving: Serving) -> None:
    serving.add("identity", graphs.identity())
    assert serving.load() == {"identity/1": (State.READY, "")}
    entry = serving.registry.find("identity", None)
    assert entry is not None
    assert entry.config is not None
    assert entry.config.max_batch_size == 32
    assert entry.config.inputs[0].dims == (16,)
    assert entry.config.instance_count


def test_rows_that_depend_on_each_other_are_not_batched(serving: Serving) -> None:
    serving.add("mixes", graphs.mixes_rows())
    serving.load()
    entry = serving.registry.find("mixes", 1)
    assert entry is not None
    assert entry.config is not None
    assert not entry.config.batched


def test_a_broken_model_is_reported_and_the_rest_serve(serving: Serving) -> None:
    serving.add("good", graphs.identity())
    serving.add("typo", graphs.identity(), pbtxt='name: "typo"\nmax_bacth_size: 8\n')
    garbage = serving.add("garbage", graphs.identity())
    (garbage / "1" / "model.onnx").write_bytes(b"not a model")
    states = serving.load()
    assert states["good/1"] == (State.READY, "")
    state, reason = states["typo/None"]
    assert state is State.UNAVAILABLE
    assert "config.pbtxt:2" in reason
    assert 'Did you mean "max_batch_size"?' in reason
    state, reason = states["garbage/1"]
    assert state is State.UNAVAILABLE
    assert str(garbage / "1" / "model.onnx") in reason


@pytest.mark.parametrize(
    ("policy", "served"),
    [
        ("", ["m/3"]),
        ("version_policy: {latest: 2}", ["m/2", "m/3"]),
        ("version_policy: all", ["m/1", "m/2", "m/3"]),
        ("version_policy: {specific: [1]}", ["m/1"]),
    ],
)
def test_version_policies(serving: Serving, policy: str, served: list[str]) -> None:
    for version in (1, 2, 3):
        folder = serving.add("m", graphs.identity(), version)
    (folder / "model.yaml").write_text(policy)
    assert sorted(serving.load()) == served


def test_a_version_asked_for_but_absent_is_reported(serving: Serving) -> None:
    serving.add("m", graphs.identity(), yaml="version_policy: {specific: [1, 5]}")
    states = serving.load()
    assert states["m/1"][0] is State.READY
    assert "the versions here are: 1" in states["m/5"][1]


def test_warm_up_runs_through_the_model(serving: Serving) -> None:
    sample = "{name: w, batch_size: 2, count: 3, inputs: {INPUT0: {datatype: FP32, dims: [16]}}}"
    serving.add("m", graphs.identity(), yaml=f"max_batch_size: 8\nwarmup: [{sample}]")
    assert serving.load() == {"m/1": (State.READY, "")}


def test_a_warm_up_that_fails_rejects_the_version(serving: Serving) -> None:
    sample = "{name: w, inputs: {other: {datatype: FP32, dims: [16]}}}"
    serving.add("m", graphs.identity(), yaml=f"max_batch_size: 8\nwarmup: [{sample}]")
    state, reason = serving.load()["m/1"]
    assert state is State.UNAVAILABLE
    assert 'warm-up "w"' in reason
    assert "other" in reason


def test_options_that_the_server_sets_are_refused_before_anything_is_opened(
    serving: Serving,
) -> None:
    yaml = 'execution_provider: cuda\nprovider_options: {device_id: "1"}'
    serving.add("m", graphs.identity(), yaml=yaml)
    state, reason = serving.load()["m/1"]
    assert state is State.UNAVAILABLE
    assert "model.yaml:2: provider_options: device_id is not yours to set" in reason


def test_an_unavailable_provider_is_refused_by_name(serving: Serving) -> None:
    serving.add("m", graphs.identity(), yaml="execution_provider: tensorrt")
    state, reason = serving.load()["m/1"]
    assert state is State.UNAVAILABLE
    assert "tensorrt" in reason
    assert "cpu" in reason


def test_a_cancelled_load_ends(serving: Serving) -> None:
    serving.add("m", graphs.identity())
    serving.loader.cancel()
    with pytest.raises(StoppedError):
        serving.loader.load(serving.repository)
    assert serving.registry.ready() == []


def test_a_missing_repository_is_an_error(serving: Serving) -> None:
    with pytest.raises(RepositoryError, match="missing"):
        serving.loader.load(serving.repository / "none")


def test_check_says_the_same_without_serving(
    serving: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    serving.add("good", graphs.identity())
    assert check(serving.repository, serving.cache, "auto") == 0
    assert "ok: good/1" in capsys.readouterr().out
    serving.add("zipmap", graphs.zipmap())
    onnx.save(graphs.identity(), serving.repository / "loose.onnx")
    assert check(serving.repository, serving.cache, "auto") == 1
    printed = capsys.readouterr().out
    assert "zipmap" in printed
    assert "error: " in printed
    assert "loose.onnx" in printed
