"""proto/ is wire-identical to the public protocol: descriptors compared field by field."""

from collections.abc import Iterator

import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health_pb2 as public_health
from tritonclient.grpc import model_config_pb2 as public_model_config
from tritonclient.grpc import service_pb2 as public_inference

from server.proto import health_pb2, inference_pb2, model_config_pb2

PAIRS = {
    "inference": (inference_pb2, public_inference),
    "model_config": (model_config_pb2, public_model_config),
    "health": (health_pb2, public_health),
}
Facts = dict[str, object]


def parsed(descriptor: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    return descriptor_pb2.FileDescriptorProto.FromString(descriptor.serialized_pb)


def message_facts(
    message: descriptor_pb2.DescriptorProto, scope: str
) -> Iterator[tuple[str, object]]:
    name = f"{scope}.{message.name}"
    yield name, ("message", message.options.map_entry)
    for field in message.field:
        oneof = (
            message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None
        )
        yield (
            f"{name}.{field.name}",
            (
                field.number,
                descriptor_pb2.FieldDescriptorProto.Type.Name(field.type),
                descriptor_pb2.FieldDescriptorProto.Label.Name(field.label),
                field.type_name,
                oneof,
                field.proto3_optional,
                str(field.options),
            ),
        )
    for enum in message.enum_type:
        yield from enum_facts(enum, name)
    for nested in message.nested_type:
        yield from message_facts(nested, name)


def enum_facts(
    enum: descriptor_pb2.EnumDescriptorProto, scope: str
) -> Iterator[tuple[str, object]]:
    for value in enum.value:
        yield f"{scope}.{enum.name}.{value.name}", value.number


def service_facts(
    service: descriptor_pb2.ServiceDescriptorProto, scope: str
) -> Iterator[tuple[str, object]]:
    for method in service.method:
        yield (
            f"{scope}.{service.name}/{method.name}",
            (
                method.input_type,
                method.output_type,
                method.client_streaming,
                method.server_streaming,
            ),
        )


def facts(descriptor: FileDescriptor) -> Facts:
    """Everything in a .proto file that shows on the wire, keyed by its full name."""
    file = parsed(descriptor)
    found: Facts = {"package": file.package, "syntax": file.syntax}
    for message in file.message_type:
        found.update(message_facts(message, file.package))
    for enum in file.enum_type:
        found.update(enum_facts(enum, file.package))
    for service in file.service:
        found.update(service_facts(service, file.package))
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_every_message_field_enum_and_method_is_the_public_one(name: str) -> None:
    ours, public = (facts(module.DESCRIPTOR) for module in PAIRS[name])
    assert ours.keys() - public.keys() == set(), "in ours only"
    assert public.keys() - ours.keys() == set(), "in the public one only"
    assert {k: (v, public[k]) for k, v in ours.items() if v != public[k]} == {}


def test_the_comparison_sees_the_whole_protocol() -> None:
    """Guards the tests above: were nothing collected, they would compare nothing."""
    assert len(facts(inference_pb2.DESCRIPTOR)) > 150
    assert len(facts(model_config_pb2.DESCRIPTOR)) > 200
    assert "inference.GRPCInferenceService/ModelStreamInfer" in facts(inference_pb2.DESCRIPTOR)
    assert "grpc.health.v1.Health/Watch" in facts(health_pb2.DESCRIPTOR)
