"""model.yaml: what is read, and what is said about mistakes."""

from pathlib import Path

import pytest

from server.config.postprocess_spec import Postprocess
from server.config.problem import ConfigError
from server.config.read import read_config
from server.config.scheduling_spec import DynamicBatching, Padding, QueuePolicy
from server.config.spec import ModelConfig, VersionPolicy
from server.config.yaml_file import read_yaml

FILE = Path("models/m/model.yaml")


def read(text: str) -> ModelConfig:
    return read_yaml(FILE, text)[0]


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_yaml(FILE, text)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_leaves_everything_to_completion() -> None:
    assert read("# nothing yet\n") == ModelConfig()


def test_every_key_is_read() -> None:
    config = read(
        """
        name: m
        max_batch_size: 16
        dynamic_batching:
          preferred_batch_size: [4, 8]
          max_queue_delay_microseconds: 200
          preserve_ordering: false
          priority_levels: 3
          default_priority_level: 2
          default_queue_policy: {timeout_action: DELAY, default_timeout_microseconds: 5000}
          priority_queue_policy: {1: {allow_timeout_override: true, max_queue_size: 8}}
        padding: {inputs: {x: 0.5, z: -1}, mask: m, outputs: [y], buckets: [32, 64]}
        latency_slo_ms: 50
        weight: 2.5
        inputs: [{name: x, datatype: FP32, dims: [3, -1]}]
        outputs: [{name: y, datatype: BYTES, dims: []}]
        labels: {y: names.txt}
        postprocess: {y: {softmax: true}}
        version_policy: {specific: [1, 3]}
        filename: net.onnx
        instance_count: 2
        execution_provider: openvino
        provider_options: {precision: ACCURACY, num_streams: 2, flag: true}
        device_ids: [0, 1]
        gpu_memory_limit_mib: 4096
        cuda_graph: false
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
        preferred_batch_size=(4, 8),
        max_queue_delay_microseconds=200,
        priority_levels=3,
        default_priority_level=2,
        default_queue_policy=QueuePolicy(timeout_action="DELAY", default_timeout_microseconds=5000),
        priority_queue_policy={1: QueuePolicy(allow_timeout_override=True, max_queue_size=8)},
    )
    assert config.padding == Padding(
        inputs={"x": 0.5, "z": -1.0}, mask="m", outputs=("y",), buckets=(32, 64)
    )
    assert (config.latency_slo_ms, config.weight) == (50.0, 2.5)
    assert config.inputs[0].dims == (3, -1)
    assert config.outputs[0].datatype == "BYTES"
    assert config.labels == {"y": "names.txt"}
    assert config.postprocess == {"y": Postprocess(softmax=True)}
    assert config.version_policy.specific == (1, 3)
    assert config.provider_options == {"precision": "ACCURACY", "num_streams": "2", "flag": "true"}
    assert config.warmup[0].inputs["x"].data == "random"


@pytest.mark.parametrize("provider", ["null", "auto", "cpu", "tensorrt"])
def test_graphs_need_cuda(provider: str) -> None:
    [message] = problems(f"execution_provider: {provider}\ncuda_graph: true\n")
    assert message.startswith("models/m/model.yaml:2: ")
    assert "set execution_provider: cuda too" in message
    assert read("execution_provider: cuda\ncuda_graph: true").cuda_graph


def test_all_versions_has_a_short_form() -> None:
    assert read("version_policy: all").version_policy == VersionPolicy(all=True)


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
        ("max_batch_size: '8'", 1, ["max_batch_size: '8'", "should be a whole number"]),
        ("max_batch_size: -1", 1, ["max_batch_size: -1", "should be 0 or more"]),
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
        ("version_policy: latest", 1, ["'latest' should be keys and values: latest, all"]),
        ("version_policy: {all: false}", 1, ["version_policy.all: false should be"]),
        ("provider_options: x", 1, ["provider_options: 'x' should be keys and values"]),
        ("name: ''", 1, ["name: '' should be at least one character"]),
        ("inputs: 3", 1, ["inputs: 3 should be a list"]),
        ("max_queue_size: null", 1, ["max_queue_size: null should be a whole number"]),
        ("latency_slo_ms: 0", 1, ["latency_slo_ms: 0 should be 0.001 or more"]),
        ("latency_slo_ms: .nan", 1, ["latency_slo_ms: nan should be a finite number"]),
        ("latency_slo_ms: 50 ms", 1, ["latency_slo_ms: '50 ms' should be a number"]),
        ("latency_slo_ms: 3600001", 1, ["latency_slo_ms: 3600001 should be at most 3600000"]),
        ("weight: true", 1, ["weight: true should be a number"]),
        ("weight: -1", 1, ["weight: -1 should be 0.001 or more"]),
        ("weight: 1001", 1, ["weight: 1001 should be at most 1000"]),
        ("padding: {}", 1, ["padding.inputs is missing"]),
        ("padding: {inputs: {}}", 1, ["padding.inputs: {} should be at least 1"]),
        ("padding:\n  inputs:\n    x: .inf", 3, ["padding.inputs.x: inf", "finite number"]),
        ("padding:\n  inputs: {x: 0}\n  mask: x", 3, ['padding.mask: "x" is also in']),
        (
            "padding:\n  inputs: {x: 0}\n  buckets: [8,\n    8]",
            4,
            ["padding.buckets[1]: 8 should be over 8"],
        ),
        ("padding:\n  inputs: {x: 0}\n  buckets: [0]", 3, ["padding.buckets[0]: 0", "1 or more"]),
        ("labels: names.txt", 1, ["labels: 'names.txt' should be keys and values"]),
        ("labels:\n  y: a/b.txt", 2, ["labels.y: 'a/b.txt' should be the name of a file"]),
        ("postprocess:\n  y: softmax", 2, ["'softmax' should be keys and values: softmax"]),
        ("postprocess:\n  y:\n    softmax: 1", 3, ["postprocess.y.softmax: 1", "true or false"]),
        (
            "postprocess:\n  y:\n    sotfmax: true",
            3,
            ['unknown key "sotfmax" in postprocess.y', 'Did you mean "softmax"?'],
        ),
        ("name: a\nmax_batch_size: 1\nname: b", 3, ['key "name" is given twice']),
        ("name: [", 1, ["this is not YAML"]),
        ("name: a\n? [1, 2]\n: b", 2, ["a key must be a single word"]),
        ("inputs: &x\n- *x", 1, ["aliases"]),
        ("name: a\n<<: {max_batch_size: 4}", 2, ["merges (<<)"]),
        ("- 1", 1, ["expected keys and values"]),
    ],
)
def test_mistakes_name_line_key_and_value(text: str, line: int, words: list[str]) -> None:
    [message] = problems(text)
    assert message.startswith(f"models/m/model.yaml:{line}: "), message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("  priority_levels: 65", 2, "priority_levels: 65 should be at most 64"),
        ("  preserve_ordering: 1", 2, "preserve_ordering: 1 should be true or false"),
        ("  default_priority_level: 1", 2, "default_priority_level: 1 needs priority_levels"),
        ("  priority_levels: 2", 1, "nothing is given; it should be 1 to 2"),
        ("  priority_levels: 2\n  default_priority_level: 3", 3, "3 should be 1 to 2"),
        ("  priority_queue_policy:\n    1: {}", 3, "[1]: 1 is not a level"),
        (
            "  priority_levels: 1\n  default_priority_level: 1\n"
            "  priority_queue_policy:\n    2: {}",
            5,
            "[2]: 2 is not a level; priority_levels allows 1 to 1",
        ),
        ("  priority_queue_policy: {a: {}}", 2, "policy.a: 'a' should be a whole number"),
        ("  priority_queue_policy:\n    1: {}\n    0x1: {}", 4, 'key "1" is given twice'),
        ("  default_queue_policy: 3", 2, "3 should be keys and values: timeout_action, default"),
        (
            "  default_queue_policy:\n    timeout_action: drop",
            3,
            "default_queue_policy.timeout_action: 'drop' should be 'REJECT' or 'DELAY'",
        ),
        (
            "  default_queue_policy:\n    timeout: 3",
            3,
            'unknown key "timeout" in dynamic_batching.default_queue_policy. Did you mean',
        ),
        (
            "  default_queue_policy:\n    max_queue_size: 1025",
            3,
            "max_queue_size: 1025 is over the model's own max_queue_size: 1024",
        ),
        (
            "  preserve_ordering: true\n  priority_levels: 2\n  default_priority_level: 1",
            3,
            "priority_levels: 2 should be 1 with preserve_ordering: true",
        ),
        (
            "  preserve_ordering: true\n  default_queue_policy:\n"
            "    default_timeout_microseconds: 1\n    timeout_action: DELAY",
            5,
            "timeout_action: DELAY should be REJECT with preserve_ordering: true",
        ),
    ],
)
def test_mistakes_in_queue_policies_name_their_line(block: str, line: int, words: str) -> None:
    [message] = problems("dynamic_batching:\n" + block)
    assert message.startswith(f"models/m/model.yaml:{line}: "), message
    assert words in message


def test_a_policy_without_a_timeout_may_stand_beside_preserved_order() -> None:
    kept = (
        "dynamic_batching: {preserve_ordering: true, default_queue_policy: {timeout_action: DELAY}}"
    )
    assert read(kept).queueing.preserve_ordering


@pytest.mark.parametrize("key", [each for each in ModelConfig.model_fields if each != "name"])
@pytest.mark.parametrize("value", ["'x/y'", "-1.5", "true", "[[], 3]", "{x: {y: 3}}", "-2"])
def test_no_mistake_is_told_in_the_validators_words(key: str, value: str) -> None:
    try:
        read(f"{key}: {value}")
    except ConfigError as error:
        for problem in error.problems:
            assert problem.line == 1
            for word in ("Input", "valid", "instance of", "tuple", "DynamicBatching", "flag"):
                assert word not in problem.message


@pytest.mark.parametrize(
    ("name", "text"), [("model.yaml", "\nname: other"), ("config.pbtxt", '\nname: "other"')]
)
def test_the_name_is_the_folders(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=f'{name}:2: name: "other" must be'):
        read_config(tmp_path, gpu=False)


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
