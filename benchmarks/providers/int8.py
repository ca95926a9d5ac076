"""What `quantize` makes of a ResNet-50-shaped network: images per second in INT8, FP32 and BF16.

`ONEDNN_MAX_CPU_ISA=AVX512_CORE_VNNI` in the environment limits OpenVINO's instruction sets.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, Target, at_least, at_most
from benchmarks.providers.kinds import RESNET
from benchmarks.providers.scale import Scale
from benchmarks.providers.served import Variant, serving
from benchmarks.tools import ROOT
from server.examine.subject import Subject
from server.truth.gather import report_of
from server.truth.kernels import INT8

IMAGES = 32  # for calibration
LEAST_S = 4.0  # of one measurement: FP32 takes a second for the images in flight
BF16 = {"load_config": json.dumps({"CPU": {"INFERENCE_PRECISION_HINT": "bf16"}})}


class QuantizeError(RuntimeError):
    """The command failed; the message is what it printed."""


def figures(scale: Scale) -> Iterator[Figure]:
    """Quantizes, then serves every precision on the provider that is fastest with it."""
    written = _quantize(scale)
    int8 = written / "1" / "model.onnx"
    variants = [
        Variant(RESNET, "fp32_cpu", "cpu"),
        Variant(RESNET, "fp32_openvino", "openvino"),
        Variant(RESNET, "bf16", "openvino", BF16),
        Variant(RESNET, "int8_cpu", "cpu", file=int8),
        Variant(RESNET, "int8_openvino", "openvino", file=int8),
    ]
    with serving(variants, scale.build, scale.pinning) as served:
        served.settled(variants)
        rates = served.rates(variants, max(scale.seconds, LEAST_S), scale.rounds)
    scenario = "ResNet-50-shaped, batches of up to 8"
    for label, rate in rates.items():
        yield Figure(scenario, f"images served, {label}", rate.rows_per_s, "/s")
        yield Figure(scenario, f"server CPU per image, {label}", rate.cpu_us / 1e3, "ms")
    fp32 = max(("fp32_cpu", "fp32_openvino"), key=lambda label: rates[label].rows_per_s)
    fastest = max(("int8_cpu", "int8_openvino"), key=lambda label: rates[label].rows_per_s)
    amx = _flag("amx_int8")
    yield Figure(
        scenario, "INT8 / FP32", rates[fastest].over(rates[fp32]), "", at_least(7 if amx else 2.5)
    )
    yield Figure(scenario, "INT8 / BF16", rates[fastest].over(rates["bf16"]), "", _bf16_target(amx))
    for provider in ("cpu", "openvino"):
        left = _float_convolutions(int8, provider)
        name = f"convolutions left in float, {provider}"
        yield Figure(scenario, name, left, "", at_most(0) if provider == "openvino" else None)


def _bf16_target(amx: bool) -> Target | None:
    return at_least(1.4) if amx else None


def _quantize(scale: Scale) -> Path:
    """Runs the command; the folder of the model that it wrote."""
    source, data = scale.folder / "resnet.onnx", scale.folder / "images.npz"
    source.write_bytes(RESNET.graph().SerializeToString())
    images = np.random.default_rng(2).random((IMAGES, 3, 224, 224), np.float32)
    np.savez(data, INPUT0=images)
    out = scale.folder / "quantized" / "resnet"
    command = [sys.executable, "-m", "server", "quantize", str(source)]
    command += ["--calibration", str(data), "--output", str(out)]
    command += ["--max-accuracy-drop", "100"]  # random weights: their labels mean nothing
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise QuantizeError(done.stderr.strip() or done.stdout.strip())
    print(done.stdout, file=sys.stderr)
    return out


def _flag(name: str) -> bool:
    return name in Path("/proc/cpuinfo").read_text().split()


def _float_convolutions(file: Path, provider: str) -> int:
    report = report_of(Subject(str(file), provider), file.name)
    return sum(each.op == "Conv" and each.precision != INT8 for each in report.products)
