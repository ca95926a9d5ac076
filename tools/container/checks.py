"""What a served image must show, from outside and inside. Raises ProofError at the first that
fails."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.container.load import CONNECTIONS, IN_FLIGHT, WARM_ROUNDS, drive_until_refused
from tools.container.network import Network
from tools.container.progress import heading, step
from tools.container.running import Container

ROOT = Path(__file__).resolve().parents[2]
GRPC_PORT = 8001
_TOUCH = """\
import pathlib, sys
for folder in sys.argv[1:]:
    try:
        file = pathlib.Path(folder, "written")
        file.touch()
        file.unlink()
        print(folder, "written")
    except OSError as error:
        print(folder, error.strerror)
"""
# What needs no device runs a model; of the others, all libraries must be in the image but
# libcuda.so.1, which comes with the driver.
_PROVIDERS = """\
import ctypes, subprocess, sys
from server.engine import Runtime
from server.examine.examination import Examination, Subject
from server.onnxruntime_locator import gpu_libraries, locate
library = locate()
runtime = Runtime(str(library.path))
wheels = gpu_libraries(library.path.parents[2])
for path in wheels:
    ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)
search = ":".join(sorted({str(path.parent) for path in wheels}))
for name in runtime.providers:
    if name in ("cpu", "openvino"):
        with Examination(Subject(path=sys.argv[1], provider=name)) as examination:
            print(f"{name} ran {len(examination.time(1, 0.2))} times")
            if name == "openvino":
                print(f"and told {len(examination.layers(1))} layers")
    elif name == "cuda" or any(path.name.startswith("libnvinfer") for path in wheels):
        provider = str(library.path.with_name(f"libonnxruntime_providers_{name}.so"))
        listed = subprocess.run(["ldd", provider], env={"LD_LIBRARY_PATH": search},
                                capture_output=True, text=True, check=True).stdout
        missing = [line for line in listed.splitlines() if "not found" in line]
        if [line for line in missing if line.split()[0] != "libcuda.so.1"]:
            sys.exit(listed)
        print(f"{name} finds its libraries" + (", but no driver here" if missing else ""))
"""


def prove(container: Container, network: Network) -> None:
    heading("serve the demo repository: read-only root, not root, own network")
    with step("start, and HEALTHCHECK inside"):
        container.wait_healthy()
    print("  " + "\n  ".join(container.log().rstrip().splitlines()))
    _identity(container)
    _writing(container)
    _providers(container)
    _clients(f"{network.address}:{GRPC_PORT}")
    _drain(container, network)


def _identity(container: Container) -> None:
    status = Path(f"/proc/{container.pid}/status").read_text()
    for field, expected in (("Uid", container.image.ids[0]), ("CapEff", 0), ("NoNewPrivs", 1)):
        got = next(line.split()[1] for line in status.splitlines() if line.startswith(field + ":"))
        if int(got, 16 if field == "CapEff" else 10) != expected:
            raise container.problem(f"process 1: expected {field} {expected}, got {got}")
    print(f"process 1 is user {container.image.ids[0]} without capabilities")


def _writing(container: Container) -> None:
    models, cache = container.image.volumes
    site = container.image.env["PATH"].split("/bin", 1)[0]
    refused = ["/", "/usr", "/etc", site, models]
    for folders, root, words in (
        (refused, True, "Read-only file system"),
        ([cache, "/tmp"], False, "written"),
    ):
        got = container.run("python", "-c", _TOUCH, *folders, root=root)
        expected = [f"{folder} {words}" for folder in folders]
        if got.stdout.splitlines() != expected:
            raise container.problem(f"expected {expected}, got {got.stdout}{got.stderr}")
    print(f"writing, even as root: refused in {' '.join(refused)}; allowed in {cache} /tmp")


def _providers(container: Container) -> None:
    model = f"{container.image.volumes[0]}/digits/1/model.onnx"
    with step("every provider of the image"):
        got = container.run("python", "-c", _PROVIDERS, model)
    if got.returncode != 0:
        raise container.problem(
            f"expected providers that run, got exit code {got.returncode}: {got.stderr}"
        )
    print("  " + "; ".join(got.stdout.splitlines()))


def _clients(address: str) -> None:
    """The project's examples, from outside."""
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    for example in (
        ["classify.py", "--show", "0"],
        ["classify_wine.py"],
        ["classify_picture.py"],
        ["estimate_rent.py"],
    ):
        command = [sys.executable, str(ROOT / "examples" / example[0]), *example[1:]]
        with step(f"examples/{example[0]} --address {address}"):
            got = subprocess.run(
                [*command, "--address", address],
                env=env,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
        print(f"  {got.stdout.splitlines()[-1]}")


def _drain(container: Container, network: Network) -> None:
    stop: Callable[[], None] = container.send_stop
    with step(f"{container.image.stop_signal} under load"):
        outcomes = drive_until_refused(f"{network.address}:{GRPC_PORT}", stop)
        code = container.wait()
    if code != 0 or outcomes.others or "Traceback" in container.log():
        raise container.problem(
            f"expected exit code 0 and every accepted call answered, got {code} and {outcomes}"
        )
    if outcomes.answered < WARM_ROUNDS * CONNECTIONS * IN_FLIGHT:
        raise container.problem(f"expected answers until the signal, got {outcomes}")
    print(
        f"{outcomes.answered} calls answered, {outcomes.refused} refused after the signal, "
        "none lost; exit code 0"
    )
