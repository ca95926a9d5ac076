"""What most services start from: a grpc.aio handler that returns its input. For contrast only.

Serves one model, `identity` FP32[-1,16], and prints the port once it listens.
"""

import asyncio

import grpc

from server.proto import inference_pb2 as pb
from server.proto import inference_pb2_grpc


class Identity(inference_pb2_grpc.GRPCInferenceServiceServicer):
    async def ModelMetadata(  # noqa: N802 - the protocol's name
        self, request: pb.ModelMetadataRequest, context: object
    ) -> pb.ModelMetadataResponse:
        reply = pb.ModelMetadataResponse(name=request.name, versions=["1"])
        reply.inputs.add(name="INPUT0", datatype="FP32", shape=[-1, 16])
        reply.outputs.add(name="OUTPUT0", datatype="FP32", shape=[-1, 16])
        return reply

    async def ModelInfer(  # noqa: N802
        self, request: pb.ModelInferRequest, context: object
    ) -> pb.ModelInferResponse:
        reply = pb.ModelInferResponse(model_name=request.model_name, model_version="1")
        given = request.inputs[0]
        reply.outputs.add(name="OUTPUT0", datatype=given.datatype, shape=given.shape)
        reply.raw_output_contents.append(request.raw_input_contents[0])
        return reply


async def main() -> None:
    server = grpc.aio.server()
    inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(Identity(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main())
