"""model.yaml: what is read, and what is said about mistakes."""

from pathlib import Path

import pytest

from server.config.problem import ConfigError
from server.config.read import read_config
from server.config.spec import DynamicBatching, ModelConfig, VersionPolicy
from server.config.yaml_file import read_yaml

FILE = Path("models/m/model.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_yaml(FILE, text)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_leaves_everything_to_completion() -> None:
    assert read_yaml(FILE, "# nothing yet\n") == ModelConfig()


def test_every_key_is_read() -> None:
    config = read_yaml(
        FILE,
        """
        name: m
        max_batch_size: 16
        dynamic_batching: {preferred_batch_size: [4, 8], max_queue_delay_microseconds: 200}
        inputs: [{name: x, datatype: FP32, dims: [3, -1]}]
        outputs: [{name: y, datatype: BYTES, dims: []}]
        version_policy: {specific: [1, 3]}
        filename: net.onnx
        instance_count: 2
        execution_provider: openvino
        provider_options: {precision: ACCURACY, num_streams: 2, flag: true}
        device_id: 0
        intra_op_threads: 1
        inter_op_threads: 1
        optimization_level: extended
        max_queue_size: 64
        warmup:
        - name: zeros
          batch_size: 4
          count: 2
          inputs: {x: {datatype: FP32, dims: [3, 5], data: random}}
        """,
    )
    assert config.dynamic_batching == DynamicBatching(
        preferred_batch_size=(4, 8), max_queue_delay_microseconds=200
    )
    assert config.inputs[0].dims == (3, -1)
    assert config.outputs[0].datatype == "BYTES"
    assert config.version_policy.specific == (1, 3)
    assert config.provider_options == {"precision": "ACCURACY", "num_streams": "2", "flag": "true"}
    assert config.warmup[0].inputs["x"].data == "random"


def test_all_versions_has_a_short_form() -> None:
    assert read_yaml(FILE, "version_policy: all").version_policy == VersionPolicy(all=True)


def test_an_unknown_key_names_line_suggestion_and_what_is_allowed() -> None:
    [message] = problems("max_queue_size: 8\nmax_bacth_size: 8\n")
    assert message.startswith('models/m/model.yaml:2: unknown key "max_bacth_size"')
    assert 'Did you mean "max_batch_size"?' in message
    assert "Allowed: name, max_batch_size" in message


def test_an_unknown_nested_key_names_the_keys_of_its_place() -> None:
    [message] = problems("dynamic_batching:\n  max_queue_delay: 3\n")
    assert message.startswith('models/m/model.yaml:2: unknown key "max_queue_delay"')
    assert "in dynamic_batching" in message
    assert "Allowed: preferred_batch_size, max_queue_delay_microseconds" in message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("max_batch_size: '8'", 1, ["max_batch_size: '8'", "valid integer"]),
        ("max_batch_size: -1", 1, ["max_batch_size: -1", "greater than or equal to 0"]),
        ("dynamic_batching: 3", 1, ["dynamic_batching: 3", "true, false, or keys"]),
        ("inputs:\n- name: x\n  dims: [1]", 2, ["inputs[0].datatype is missing"]),
        (
            "inputs:\n- name: x\n  datatype: fp32\n  dims: []",
            3,
            ["inputs[0].datatype: 'fp32'", 'Did you mean "FP32"?'],
        ),
        (
            "inputs:\n- name: x\n  datatype: FP32\n  dims: [1,\n   -2]",
            5,
            ["inputs[0].dims[1]: -2"],
        ),
        ("execution_provider: cudaa", 1, ["'cpu', 'openvino', 'cuda' or", 'Did you mean "cuda"']),
        ("version_policy: {latest: 1, all: true}", 1, ["exactly one of latest"]),
        ("version_policy: {specific: []}", 1, ["at least one version"]),
        ("filename: ../../etc/passwd", 1, ["filename: '../../etc/passwd'"]),
        ("name: a\nmax_batch_size: 1\nname: b", 3, ['key "name" is given twice']),
        ("name: [", 1, ["this is not YAML"]),
        ("name: a\n? [1, 2]\n: b", 2, ["a key must be a single word"]),
        ("inputs: &x\n- *x", 1, ["aliases"]),
        ("- 1", 1, ["expected keys and values"]),
    ],
)
def test_mistakes_name_line_key_and_value(text: str, line: int, words: list[str]) -> None:
    [message] = problems(text)
    assert message.startswith(f"models/m/model.yaml:{line}: "), message
    for word in words:
        assert word in message


@pytest.mark.parametrize("text", ["name: \x00", "name: 2001-99-99", "name: !!python/none x"])
def test_what_yaml_cannot_hold_is_refused(text: str) -> None:
    [message] = problems(text)
    assert "this is not YAML" in message


def test_all_mistakes_are_reported_at_once() -> None:
    assert len(problems("max_batch_size: a\ninstance_count: 0\nnme: x\n")) == 3


def test_bottomless_nesting_is_refused() -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_yaml(Path("model.yaml"), "a: " + "[" * 3000)


@pytest.mark.parametrize("name", ["model.yml", "config.yaml", "config.pbtext"])
def test_a_configuration_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("max_batch_size: 4\n")
    with pytest.raises(ConfigError, match="rename it to"):
        read_config(tmp_path, gpu=False)
