"""The rewriting of protoc's output, and its refusal when that output changes shape."""

import pytest

from tools.generate_stubs import private_pool, rewrite

GENERATED = (
    "from google.protobuf import descriptor_pool as _descriptor_pool\n"
    "import model_config_pb2 as model__config__pb2\n"
    "DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile(b'')\n"
    "_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'inference_pb2', _globals)\n"
)


def test_a_message_module_uses_the_private_pool_and_relative_imports() -> None:
    assert rewrite("inference_pb2.py", GENERATED) == (
        "from ._pool import POOL as _pool\n"
        "from . import model_config_pb2 as model__config__pb2\n"
        "DESCRIPTOR = _pool.AddSerializedFile(b'')\n"
        "_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, __name__, _globals)\n"
    )


def test_a_service_module_gets_relative_imports_only() -> None:
    text = "import grpc\n\nimport inference_pb2 as inference__pb2\n"
    assert rewrite("inference_pb2_grpc.py", text) == (
        "import grpc\n\nfrom . import inference_pb2 as inference__pb2\n"
    )


def test_a_type_stub_gets_relative_imports_only() -> None:
    text = "import model_config_pb2 as _model_config_pb2\n"
    assert (
        rewrite("inference_pb2.pyi", text)
        == "from . import model_config_pb2 as _model_config_pb2\n"
    )


def test_changed_output_of_protoc_is_refused() -> None:
    with pytest.raises(ValueError, match=r"inference_pb2\.py: expected .* once, found 0 times"):
        private_pool("DESCRIPTOR = SomethingNew()\n", "inference_pb2")
