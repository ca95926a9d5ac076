"""One process may import other packages' stubs and ours, in either order, and pass bytes across."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = "from server.proto import health_pb2_grpc, inference_pb2, inference_pb2_grpc"
THEIRS = "import tritonclient.grpc; from grpc_health.v1 import health_pb2_grpc as health"
EXCHANGE = """
from tritonclient.grpc import service_pb2 as public
ours = inference_pb2.ModelInferRequest(model_name="m", raw_input_contents=[b"\\0\\1"])
ours.inputs.add(name="x", datatype="UINT8", shape=[1, 2]).parameters["p"].int64_param = 3
theirs = public.ModelInferRequest.FromString(ours.SerializeToString(deterministic=True))
assert type(ours) is not type(theirs)
assert theirs.inputs[0].shape == [1, 2], theirs
assert theirs.inputs[0].parameters["p"].int64_param == 3, theirs
back = inference_pb2.ModelInferRequest.FromString(theirs.SerializeToString(deterministic=True))
assert back == ours
"""


def run_python(script: str) -> None:
    command = [sys.executable, "-W", "error", "-c", script]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_both_packages_in_one_process(first: str) -> None:
    imports = [OURS, THEIRS] if first == "ours" else [THEIRS, OURS]
    run_python("\n".join([*imports, EXCHANGE]))


def test_messages_pickle_under_the_package_name() -> None:
    run_python(
        "import pickle\n"
        "from server.proto.inference_pb2 import ModelInferRequest as Request\n"
        "assert Request.__module__ == 'server.proto.inference_pb2'\n"
        "request = Request(model_name='m')\n"
        "assert pickle.loads(pickle.dumps(request)) == request\n"
    )
