"""config.pbtxt: Triton's fields understood, refused, or said to have no effect."""

from pathlib import Path

import pytest

from server.config.from_triton import from_triton
from server.config.pbtxt import line_of, parse_pbtxt
from server.config.problem import ConfigError
from server.config.spec import DynamicBatching, ModelConfig
from server.config.to_triton import to_triton

FILE = Path("models/m/config.pbtxt")
IO = """
input [ { name: "x" data_type: TYPE_FP32 dims: [ 16 ] } ]
output [ { name: "y" data_type: TYPE_STRING dims: [ -1 ] } ]
"""


def read(text: str, gpu: bool = False) -> tuple[ModelConfig, list[str]]:
    config, warnings = from_triton(parse_pbtxt(FILE, text), FILE, text, gpu)
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
        ("", False, "cpu"),
        ("", True, "cuda"),
        ("instance_group [ { kind: KIND_CPU } ]", True, "cpu"),
        ("instance_group [ { kind: KIND_GPU gpus: [ 1 ] } ]", False, "cuda"),
        ('optimization { execution_accelerators { cpu_execution_accelerator [ { name: "openvino" '
         "} ] } }", False, "openvino"),
        ('optimization { execution_accelerators { gpu_execution_accelerator [ { name: "tensorrt" '
         "} ] } }", True, "tensorrt"),
        ('optimization { execution_accelerators { gpu_execution_accelerator [ { name: "tensorrt" '
         "} ] } }", False, "cpu"),
    ],
)  # fmt: skip
def test_the_provider_follows_kind_and_accelerator(text: str, gpu: bool, provider: str) -> None:
    assert read(text, gpu)[0].execution_provider == provider


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
            "ragged",
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
        ('default_model_filename: "../secret"', "models/m/config.pbtxt:1: ", "secret"),
        ("version_policy { specific { } }", "models/m/config.pbtxt", "at least one"),
    ],
)
def test_what_would_change_results_is_refused(text: str, start: str, word: str) -> None:
    [message] = refusals(text)
    assert message.startswith(start), message
    assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "response_cache { enable: true }",
        "optimization { eager_batching: true }",
        "optimization { cuda { graphs: true } }",
        "instance_group [ { rate_limiter { priority: 1 } kind: KIND_CPU } ]",
        'instance_group [ { host_policy: "a" kind: KIND_CPU } ]',
        "dynamic_batching { priority_levels: 2 }",
        "dynamic_batching { default_queue_policy { default_timeout_microseconds: 5 } }",
        'parameters { key: "enable_mem_pattern" value: { string_value: "1" } }',
        'metric_tags { key: "a" value: "b" }',
        'output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] label_filename: "l" } ]',
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


def test_lines_are_found_outside_comments() -> None:
    text = '# backend: "x"\nname: "backend"\nbackend : "y"\n'
    assert line_of(text, "backend") == 3
    assert line_of(text, "platform") is None


def test_a_configuration_survives_the_way_to_triton_and_back() -> None:
    config, _ = read(
        'name: "m" max_batch_size: 8' + IO + "dynamic_batching { preferred_batch_size: [ 4 ] }"
        " instance_group [ { count: 2 kind: KIND_CPU } ]"
        " optimization { graph { level: 1 } execution_accelerators { cpu_execution_accelerator"
        ' [ { name: "openvino" parameters { key: "precision" value: "FP32" } } ] } }'
        ' parameters { key: "intra_op_thread_count" value: { string_value: "1" } }'
        ' model_warmup [ { name: "w" batch_size: 2 count: 3 inputs { key: "x" value: {'
        " data_type: TYPE_FP32 dims: [ 16 ] random_data: true } } } ]"
    )
    message = to_triton(config, "m")
    again, warnings = from_triton(message, FILE, str(message), gpu=False)
    assert warnings == ()
    assert again == config
