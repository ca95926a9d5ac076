"""config.pbtxt: Triton's fields understood, refused, or said to have no effect."""

from pathlib import Path

import pytest

from server.config.from_triton import from_triton
from server.config.pbtxt import parse_pbtxt
from server.config.problem import ConfigError, Problem
from server.config.scheduling_spec import DynamicBatching
from server.config.spec import ModelConfig
from server.config.to_triton import to_triton

FILE = Path("models/m/config.pbtxt")
IO = """
input [ { name: "x" data_type: TYPE_FP32 dims: [ 16 ] } ]
output [ { name: "y" data_type: TYPE_STRING dims: [ -1 ] } ]
"""


def read_message(text: str, gpu: bool) -> tuple[ModelConfig, tuple[Problem, ...]]:
    message, lines = parse_pbtxt(FILE, text)
    return from_triton(message, FILE, lines, gpu)


def read(text: str, gpu: bool = False) -> tuple[ModelConfig, list[str]]:
    config, warnings = read_message(text, gpu)
    return config, [str(warning) for warning in warnings]


def refusals(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_usual_file_is_read() -> None:
    config, warnings = read(
        'name: "m" backend: "onnxruntime" max_batch_size: 8'
        + IO
        + "dynamic_batching { preferred_batch_size: [ 4 ] max_queue_delay_microseconds: 100"
        " default_queue_policy { max_queue_size: 7 } }"
        " instance_group [ { count: 2 kind: KIND_CPU } ]"
        ' parameters { key: "intra_op_thread_count" value: { string_value: "2" } }'
        " version_policy { specific { versions: [ 1, 3 ] } }"
    )
    assert warnings == []
    assert config.max_batch_size == 8
    assert config.inputs[0].dims == (16,)
    assert config.outputs[0].datatype == "BYTES"
    assert config.dynamic_batching == DynamicBatching(
        preferred_batch_size=(4,), max_queue_delay_microseconds=100
    )
    assert (config.instance_count, config.intra_op_threads) == (2, 2)
    assert config.execution_provider == "cpu"
    assert config.max_queue_size == 7
    assert config.version_policy.specific == (1, 3)


def test_without_the_block_requests_are_not_combined() -> None:
    assert read("max_batch_size: 8" + IO)[0].combines_requests is False
    assert read("max_batch_size: 8 dynamic_batching {}" + IO)[0].combines_requests is True


def test_a_file_silent_about_batching_is_completed() -> None:
    assert read('name: "m"')[0].max_batch_size is None
    assert read("max_batch_size: 0")[0].max_batch_size == 0
    assert read(IO)[0].max_batch_size == 0


@pytest.mark.parametrize(
    ("text", "gpu", "provider"),
    [
        ("", False, None),
        ("", True, None),
        ("instance_group [ { count: 2 } ]", True, None),
        ('parameters { key: "gpu_mem_limit" value: { string_value: "1000000" } }', True, "cuda"),
        ('parameters { key: "execution_provider" value: { string_value: "auto" } } '
         "instance_group [ { kind: KIND_CPU } ]", False, "auto"),
        ("instance_group [ { kind: KIND_CPU } ]", True, "cpu"),
        ("instance_group [ { kind: KIND_GPU gpus: [ 1 ] } ]", False, "cuda"),
        ('optimization { execution_accelerators { cpu_execution_accelerator [ { name: "openvino" '
         "} ] } }", False, "openvino"),
        ('optimization { execution_accelerators { gpu_execution_accelerator [ { name: "tensorrt" '
         "} ] } }", True, "tensorrt"),
        ('optimization { execution_accelerators { gpu_execution_accelerator [ { name: "tensorrt" '
         "} ] } }", False, None),
    ],
)  # fmt: skip
def test_the_provider_follows_kind_and_accelerator(
    text: str, gpu: bool, provider: str | None
) -> None:
    assert read(text, gpu)[0].execution_provider == provider


@pytest.mark.parametrize(
    ("groups", "devices", "count"),
    [
        ("{ kind: KIND_GPU }", (0,), None),
        ("{ kind: KIND_GPU gpus: [ 0, 1 ] }", (0, 1), None),
        ("{ count: 2 kind: KIND_GPU gpus: [ 0, 1 ] }", (0, 1), 2),
        ("{ count: 1 kind: KIND_GPU gpus: [ 0 ] }, { count: 1 kind: KIND_GPU gpus: [ 3 ] }",
         (0, 3), 1),
        ("{ count: 2 kind: KIND_GPU gpus: [ 0 ] }, { count: 1 kind: KIND_GPU gpus: [ 1, 2 ] }",
         (0, 0, 1, 2), 1),
    ],
)  # fmt: skip
def test_a_group_has_its_instances_on_each_of_its_gpus(
    groups: str, devices: tuple[int, ...], count: int | None
) -> None:
    config, warnings = read(f"instance_group [ {groups} ]")
    assert (config.device_ids, config.instance_count) == (devices, count)
    assert warnings == []


def test_tensorrt_options_get_onnx_runtimes_names() -> None:
    config, _ = read(
        "optimization { execution_accelerators { gpu_execution_accelerator [ { name: "
        '"tensorrt" parameters { key: "precision_mode" value: "FP16" } '
        'parameters { key: "max_workspace_size_bytes" value: "1024" } '
        'parameters { key: "trt_engine_cache_enable" value: "1" } } ] } }',
        gpu=True,
    )
    assert config.provider_options == {
        "trt_fp16_enable": "1",
        "trt_max_workspace_size": "1024",
        "trt_engine_cache_enable": "1",
    }


@pytest.mark.parametrize(
    ("level", "name"), [("-1", "basic"), ("0", "all"), ("1", "extended"), ("2", "off")]
)
def test_graph_levels(level: str, name: str) -> None:
    assert read(f"optimization {{ graph {{ level: {level} }} }}")[0].optimization_level == name


def test_parallel_execution_uses_the_inter_op_threads() -> None:
    count = 'parameters { key: "inter_op_thread_count" value: { string_value: "3" } }'
    mode = 'parameters { key: "execution_mode" value: { string_value: "1" } }'
    assert read(count)[0].inter_op_threads == 1
    assert read(count + mode)[0].inter_op_threads == 3


@pytest.mark.parametrize(
    ("text", "start", "word"),
    [
        ("\nensemble_scheduling { }", "models/m/config.pbtxt:2: ", "ensembles"),
        ("sequence_batching { }", "models/m/config.pbtxt:1: ", "stateless"),
        ('\n\nbackend: "python"', "models/m/config.pbtxt:3: ", '"onnxruntime"'),
        ('platform: "tensorrt_plan"', "models/m/config.pbtxt:1: ", "onnxruntime_onnx"),
        ("batch_input [ { } ]", "models/m/config.pbtxt:1: ", "ragged"),
        ("batch_output [ { } ]", "models/m/config.pbtxt:1: ", "ragged"),
        ("model_transaction_policy { decoupled: true }", "models/m/config.pbtxt:1: ", "several"),
        ('cc_model_filenames { key: "7.5" value: "a" }', "models/m/config.pbtxt:1: ", "default"),
        (
            'input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] reshape { shape: [ ] } } ]',
            "models/m/config.pbtxt:1: ",
            "reshape",
        ),
        (
            'input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] allow_ragged_batch: true } ]',
            "models/m/config.pbtxt:1: ",
            "model.yaml can have its inputs padded",
        ),
        (
            'input [ { name: "x" data_type: TYPE_FP32 dims: [ 1 ] optional: true } ]',
            "models/m/config.pbtxt:1: ",
            "optional",
        ),
        ('input [ { name: "x" dims: [ 1 ] } ]', "models/m/config.pbtxt", "data_type is missing"),
        ("max_batch_size: -1", "models/m/config.pbtxt:1: ", "0"),
        (
            "max_batch_size: 4\ndynamic_batching { preferred_batch_size: [ 8 ] }",
            "models/m/config.pbtxt:2: ",
            "max_batch_size: 4",
        ),
        (
            "instance_group [ { kind: KIND_CPU }, { kind: KIND_GPU } ]",
            "models/m/config.pbtxt:1: ",
            "one kind",
        ),
        (
            'parameters { key: "intra_op_thread_count" value: { string_value: "many" } }',
            "models/m/config.pbtxt:1: ",
            '"many"',
        ),
        (
            'input { name: "x" data_type: TYPE_FP32 dims: 1 }\ninput { name: "y"\n'
            "data_type: TYPE_FP32 dims: 1 allow_ragged_batch: true }",
            "models/m/config.pbtxt:3: ",
            '"y"',
        ),
        (
            "input { # { dims\n name: 'x' data_type: TYPE_FP32\n dims: [ 1,\n -2 ] }",
            "models/m/config.pbtxt:4: ",
            "input[0].dims[1]: -2 should be -1 or more",
        ),
        ('input { name: "x" data_type: 99 }', "models/m/config.pbtxt:1: ", "data_type is missing"),
        ("instance_group { kind: 9 }", "models/m/config.pbtxt:1: ", "9 should be one of KIND_AUTO"),
        ('default_model_filename: "../secret"', "models/m/config.pbtxt:1: ", "secret"),
        ("version_policy { specific { } }", "models/m/config.pbtxt", "at least one"),
        (
            "optimization { execution_accelerators { cpu_execution_accelerator { name: "
            '"openvino" parameters { key: "num_streams" value: "1" } } } }\n'
            'parameters { key: "execution_provider" value: { string_value: "cpu" } }',
            "models/m/config.pbtxt:2: ",
            '"cpu", but num_streams belong to openvino',
        ),
        (
            'name: "m"\n'
            'parameters { key: "execution_provider" value: { string_value: "opnvino" } }',
            "models/m/config.pbtxt:2: ",
            'Did you mean "openvino"',
        ),
    ],
)
def test_what_would_change_results_is_refused(text: str, start: str, word: str) -> None:
    [message] = refusals(text)
    assert message.startswith(start), message
    assert word in message


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("\npriority_levels: 65", 2, "dynamic_batching.priority_levels: 65 should be at most 64"),
        ("priority_levels: 2", 1, "default_priority_level: nothing is given; it should be 1 to 2"),
        ("priority_levels: 2\ndefault_priority_level: 3", 2, "3 should be 1 to 2"),
        (
            "priority_levels: 1 default_priority_level: 1\n"
            "priority_queue_policy [ { key: 1 value { } },\n { value { } key: 2 } ]",
            3,
            "2 is not a level; priority_levels allows 1 to 1",
        ),
        (
            "priority_levels: 3 default_priority_level: 1\npriority_queue_policy <\n"
            "value: <\n default_timeout_microseconds: 86400000001 > key: 3 >",
            4,
            "dynamic_batching.priority_queue_policy[3].default_timeout_microseconds: 86400000001"
            " should be at most",
        ),
        (
            "priority_levels: 2 default_priority_level: 1\npreserve_ordering: true",
            1,
            "priority_levels: 2 should be 1 with preserve_ordering",
        ),
        (
            "preserve_ordering: true default_queue_policy {\n timeout_action: DELAY"
            " default_timeout_microseconds: 1 }",
            2,
            "DELAY should be REJECT with preserve_ordering",
        ),
        (
            "default_queue_policy {\n timeout_action: 7 }",
            2,
            "timeout_action: '7' should be 'REJECT' or 'DELAY'",
        ),
        ("default_queue_policy {\n max_queue_size: 4294967295 }", 2, "should be at most"),
    ],
)
def test_mistakes_in_queue_policies_name_their_line(block: str, line: int, words: str) -> None:
    [message] = refusals("dynamic_batching {" + block + "}")
    assert message.startswith(f"models/m/config.pbtxt:{line}: "), message
    assert words in message


def parameter(name: str, value: str) -> str:
    return f'\nparameters {{ key: "{name}" value: {{ string_value: "{value}" }} }}'


def test_targets_and_weights_are_parameters() -> None:
    config, warnings = read(parameter("latency_slo_ms", "50.5") + parameter("weight", "2"))
    assert warnings == []
    assert (config.latency_slo_ms, config.weight) == (50.5, 2)


@pytest.mark.parametrize("name", ["latency_slo_ms", "weight"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("fast", "'fast' should be a number"),
        ("nan", "'nan' should be a number"),
        ("1_0", "'1_0' should be a number"),
        ("", "'' should be a number"),
        ("0", "0 should be 0.001 or more"),
        ("-1", "-1.0 should be 0.001 or more"),
        ("9" * 300, "should be at most"),
    ],
)
def test_targets_and_weights_are_numbers(name: str, value: str, words: str) -> None:
    [message] = refusals(parameter("intra_op_thread_count", "1") + parameter(name, value))
    assert message.startswith(f"models/m/config.pbtxt:3: parameters.{name}: "), message
    assert words in message


def test_a_queue_without_levels_has_one_size() -> None:
    config, _ = read("dynamic_batching { default_queue_policy { max_queue_size: 4096 } }")
    assert config.max_queue_size == 4096
    assert config.queueing.default_queue_policy is None


@pytest.mark.parametrize(
    ("policies", "size"),
    [
        ("", 1024),
        ("default_queue_policy { max_queue_size: 600 }", 1800),
        ("priority_queue_policy { key: 2 value { max_queue_size: 5000 } }", 5000),
        (
            "default_queue_policy { max_queue_size: 600 }"
            "priority_queue_policy { key: 2 value { max_queue_size: 5000 } }",
            6200,
        ),
        ("default_queue_policy { max_queue_size: 2147483647 }", 2147483647),
    ],
)
def test_the_queue_has_room_for_all_levels(policies: str, size: int) -> None:
    levels = "priority_levels: 3 default_priority_level: 2"
    config, _ = read(f"dynamic_batching {{ {levels} {policies} }}")
    assert config.max_queue_size == size


def test_label_files_are_read_by_output() -> None:
    outputs = """output [
      { name: "a" data_type: TYPE_FP32 dims: [ 1 ] },
      { name: "b" data_type: TYPE_FP32 dims: [ 2 ] label_filename: "labels.txt" }
    ]"""
    config, warnings = read(outputs)
    assert config.labels == {"b": "labels.txt"}
    assert warnings == []
    [refusal] = refusals(outputs.replace("labels.txt", "of/labels.txt"))
    assert refusal.startswith("models/m/config.pbtxt:3: output[1].label_filename: 'of/labels.txt'")


@pytest.mark.parametrize(
    "text",
    [
        "response_cache { enable: true }",
        "optimization { eager_batching: true }",
        "optimization { cuda { graphs: true } }",
        "instance_group [ { rate_limiter { priority: 1 } kind: KIND_CPU } ]",
        'instance_group [ { host_policy: "a" kind: KIND_CPU } ]',
        "dynamic_batching { default_priority_level: 2 }",
        "dynamic_batching { priority_queue_policy { key: 1 value: { } } }",
        'parameters { key: "enable_mem_pattern" value: { string_value: "1" } }',
        'metric_tags { key: "a" value: "b" }',
    ],
)
def test_what_only_tunes_is_a_warning(text: str) -> None:
    _, [warning] = read(text)
    assert warning.startswith("models/m/config.pbtxt:1: "), warning
    assert "no effect" in warning or "no response cache" in warning


@pytest.mark.parametrize(
    ("text", "start", "word"),
    [
        ('name: "m"\nmax_bacth_size: 8', ":2: ", 'Did you mean "max_batch_size"?'),
        ("dynamic_batching {\n max_queue_delay: 1 }", ":2: ", '"max_queue_delay_microseconds"?'),
        ("input [ { data_type: TYPE_FP3 } ]", ":1: ", 'Did you mean "TYPE_FP32"?'),
        ('max_batch_size: "8"', ":1: ", "(column 17)"),
        ('input [ { name: "x" ', ":1: ", "Expected"),
    ],
)
def test_syntax_errors_keep_line_and_column(text: str, start: str, word: str) -> None:
    [message] = refusals(text)
    assert message.startswith(f"models/m/config.pbtxt{start}"), message
    assert word in message


POLICY = "timeout_action: DELAY default_timeout_microseconds: 9 allow_timeout_override: true"


@pytest.mark.parametrize(
    "text",
    [
        "dynamic_batching { preferred_batch_size: [ 4 ] }"
        " instance_group [ { count: 2 kind: KIND_CPU } ]"
        " optimization { graph { level: 1 } execution_accelerators { cpu_execution_accelerator"
        ' [ { name: "openvino" parameters { key: "precision" value: "FP32" } } ] } }'
        ' model_warmup [ { name: "w" batch_size: 2 count: 3 inputs { key: "x" value: {'
        " data_type: TYPE_FP32 dims: [ 16 ] random_data: true } } } ]",
        "dynamic_batching { preserve_ordering: true default_queue_policy { max_queue_size: 7"
        " default_timeout_microseconds: 5 } }"
        + parameter("latency_slo_ms", "0.1")
        + parameter("weight", "2.5"),
        "instance_group [ { count: 2 kind: KIND_GPU gpus: [ 1, 2 ] } ]"
        + parameter("cuda_graph", "true")
        + parameter("gpu_memory_limit_mib", "4096"),
        "dynamic_batching { priority_levels: 2 default_priority_level: 2 default_queue_policy {"
        f" max_queue_size: 512 }} priority_queue_policy {{ key: 1 value {{ {POLICY}"
        " max_queue_size: 512 } } }",
        'output [ { name: "named" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "l.txt" } ]',
    ],
)
def test_a_configuration_survives_the_way_to_triton_and_back(text: str) -> None:
    threads = parameter("intra_op_thread_count", "1")
    groups = "" if "instance_group" in text else "instance_group { count: 1 }"
    config, _ = read('name: "m" max_batch_size: 8' + IO + text + groups + threads)
    again, warnings = read_message(str(to_triton(config, "m", config.inputs)), gpu=False)
    assert warnings == ()
    assert again == config


def test_limits_that_come_from_the_models_own_are_shown() -> None:
    message = to_triton(ModelConfig(max_batch_size=8, max_queue_size=100), "m", ())
    assert message.dynamic_batching.default_queue_policy.max_queue_size == 100
