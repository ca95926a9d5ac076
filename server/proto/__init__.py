"""Generated stubs of the Open Inference Protocol, ModelConfig and gRPC health checking.

`make setup` and the wheel build generate inference_pb2, model_config_pb2, health_pb2 and their
_grpc companions here from proto/ (see tools/generate_stubs.py). The _pb2 modules need protobuf;
the _grpc modules also need grpcio, which only clients install.
"""
