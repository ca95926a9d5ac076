"""A service that classifies JPEGs, end to end: what the server needs of the processor per request
beside decoding, resizing and running the model; and the same service written with FastAPI, Pillow
and onnxruntime (left out where `pip install fastapi uvicorn` has not been done).
"""

import importlib.util
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import PIL.Image
import sklearn.datasets

from benchmarks import counts
from benchmarks.bare_onnx import runner, session
from benchmarks.figures import Figure, at_most
from benchmarks.load import Load, LoadError, run
from benchmarks.networks.classifier import classifier
from benchmarks.tools import DEFAULT_BUILD, ROOT, MissingToolError
from server.preprocess import Image
from server.proto import inference_pb2
from tests import graphs
from tests.server_process import ServerProcess

ROUNDS = 31  # what is looked for is a few per cent of what is measured, while the machine drifts
CONNECTIONS, STREAMS = 4, 4
LEAST_S = 0.5  # of a load: shorter ones end before their first answers
CORES = len(os.sched_getaffinity(0))
MODEL = "classifier"
IMAGE = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def figures(seconds: float) -> Iterator[Figure]:
    """`seconds`: of each measurement; all sides take turns."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        picture = _photograph(folder)
        model = graphs.write_model(folder / "repository", MODEL, classifier())
        config = {"max_batch_size": 8, "preprocess": {"INPUT0": {"image": IMAGE}}}
        (model.parent.parent / "model.yaml").write_text(json.dumps(config))
        with _serving(folder) as server:
            yield from _served(server, folder, picture, model, seconds)
        if importlib.util.find_spec("fastapi") and importlib.util.find_spec("uvicorn"):
            yield from _contrast(picture, model, seconds)


def _served(
    server: ServerProcess, folder: Path, picture: Path, model: Path, seconds: float
) -> Iterator[Figure]:
    encoded = picture.read_bytes()
    load = _load(server, folder, encoded, seconds)
    image = Image("FP32", (3, 224, 224), **IMAGE)
    before = counts.fetch(server.grpc, MODEL)
    run(load, DEFAULT_BUILD).require_ok()
    counted = counts.fetch(server.grpc, MODEL) - before
    batch = max(1, round(counted.rows / counted.runs))
    run_batch = [runner(session(model, threads=1), batch) for _ in range(CORES)]
    rates, cpu, prepare, execute = [], [], [], []

    def prepare_one() -> object:
        return image([encoded], threads=1)

    for _ in range(ROUNDS):
        result = run(load, DEFAULT_BUILD).require_ok()
        rates.append(result.ok_per_second)
        cpu.append(result.server_cpu_us)
        prepare.append(_cpu_us([prepare_one] * CORES, seconds / 2))
        execute.append(_cpu_us(run_batch, seconds / 2) / batch)
    beside = [total - a - b for total, a, b in zip(cpu, prepare, execute, strict=True)]
    title = "JPEG service"
    yield Figure(title, "requests", median(rates), "/s")
    yield Figure(title, "server CPU per request", median(cpu), "us")
    yield Figure(title, "decode + resize (library, every core busy)", median(prepare), "us")
    yield Figure(title, f"run (bare ONNX Runtime, batches of {batch})", median(execute), "us")
    yield Figure(title, "server CPU beside these", median(beside), "us", at_most(60))


def _contrast(picture: Path, model: Path, seconds: float) -> Iterator[Figure]:
    command = [sys.executable, "-m", "benchmarks.preprocess.fastapi_service", str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            url = f"http://127.0.0.1:{int(service.stdout.readline())}/classify"
            requests = max(100, round(100 * seconds))
            _h2load(url, picture, CONNECTIONS * STREAMS)  # not counted
            clock = (~service.pid << 3) | 2  # of the process's CPU time
            rates, cpu = [], []
            for _ in range(ROUNDS):
                start = time.clock_gettime(clock)
                rates.append(_h2load(url, picture, requests))
                cpu.append((time.clock_gettime(clock) - start) / requests * 1e6)
        finally:
            service.kill()
    title = "JPEG service with FastAPI, Pillow, onnxruntime"
    yield Figure(title, "requests", median(rates), "/s")
    yield Figure(title, "server CPU per request", median(cpu), "us")


def _h2load(url: str, body: Path, requests: int) -> float:
    """Requests per second over HTTP/1.1, with as many in flight as the other side has."""
    program = shutil.which("h2load")
    if program is None:
        raise MissingToolError("h2load is not installed: `apt-get install nghttp2-client`")
    command = [program, "--h1", f"-c{CONNECTIONS * STREAMS}", f"-n{requests}", "-d", str(body), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"finished in .*?, ([\d.]+) req/s", done.stdout)
    if rate is None or f"{requests} 2xx" not in done.stdout:
        raise LoadError(f"h2load failed: {done.stdout}{done.stderr}")
    return float(rate[1])


def _load(server: ServerProcess, folder: Path, encoded: bytes, seconds: float) -> Load:
    request = inference_pb2.ModelInferRequest(model_name=MODEL)
    request.inputs.add(name="INPUT0", datatype="BYTES", shape=[1, 1])
    request.raw_input_contents.append(struct.pack("<I", len(encoded)) + encoded)
    body = folder / "request.bin"
    body.write_bytes(request.SerializeToString())
    return Load(
        target=server.grpc,
        bodies=[body],
        connections=CONNECTIONS,
        streams=STREAMS,
        duration_s=max(seconds, LEAST_S),
        warmup_s=LEAST_S / 2,
        server_pid=server.pid,
    )


@contextmanager
def _serving(folder: Path) -> Iterator[ServerProcess]:
    scratch = folder / "scratch"
    scratch.mkdir()
    server = ServerProcess.start(folder / "repository", scratch=scratch)
    try:
        yield server
    finally:
        server.close()


def _photograph(folder: Path) -> Path:
    """scikit-learn's china.jpg, 640 x 427, encoded by Pillow with quality 90."""
    pixels: np.ndarray = sklearn.datasets.load_sample_image("china.jpg")
    path = folder / "china.jpg"
    PIL.Image.fromarray(pixels).save(path, quality=90)
    return path


def _cpu_us(works: Sequence[Callable[[], object]], seconds: float) -> float:
    """CPU time of this process for one call, in microseconds, while every core makes calls: as in
    the server, where they share caches and whatever else of the processor."""
    end, start = time.perf_counter() + seconds, time.process_time()

    def call(work: Callable[[], object]) -> int:
        calls = 0
        while not calls or time.perf_counter() < end:
            work()
            calls += 1
        return calls

    with ThreadPoolExecutor(len(works)) as pool:
        calls = sum(pool.map(call, works))
    return (time.process_time() - start) / calls * 1e6
