"""Makes the forms of a model that are worth a try, and has each tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import onnx

from server.making.error import CommandError
from server.making.text import first_line
from server.quantize.calibration import Method
from server.quantize.half import narrow
from server.quantize.host import Host
from server.quantize.options import Target
from server.quantize.qdq import (
    convolutional,
    cpu_style,
    gpu_style,
    multiplies_by_weights,
    write_dynamic,
)
from server.quantize.quiet import hushed
from server.quantize.samples import Samples
from server.quantize.search import Found, Search
from server.quantize.source import Source
from server.quantize.trial import Trial, Trials
from server.quantize.variant import BF16_OPTIONS, Variant

_CPU = ("cpu", "openvino")
_GPU = ("cuda", "tensorrt")


def providers_of(target: Target, host: Host) -> tuple[str, ...]:
    """Those that this machine can run and time."""
    if target == "gpu" and not host.gpu:
        return ()
    return tuple(each for each in host.providers if each in (_GPU if target == "gpu" else _CPU))


@dataclass(frozen=True)
class Forge:
    """One source and its prepared form, beside which files are written."""

    source: Source
    prepared: Path
    host: Host
    calibration: Samples

    def for_cpu(self, trials: Trials) -> Found:
        """The float file under the other provider, bf16, dynamic and static INT8."""
        providers = providers_of("cpu", self.host)
        if "openvino" in providers:
            trials.run(Variant("float", self.source.path, ("openvino",)))
            if self.host.bf16:
                trials.run(Variant("bf16", self.source.path, ("openvino",), BF16_OPTIONS))
        model = onnx.load(self.prepared)
        if not convolutional(model) and multiplies_by_weights(model):
            dynamic = self.prepared.with_name("dynamic.onnx")
            write_dynamic(self.prepared, dynamic, reduce_range=self.host.saturates)
            trials.run(Variant("int8 dynamic", dynamic, ("cpu",)))
        style = cpu_style(model, reduce_range=self.host.saturates)
        finish = partial(_int8, providers)
        return Search(self.prepared, self.calibration, style, finish).find(trials.run)

    def for_gpu(self, trials: Trials) -> Found:
        """The float file on the GPU, FP16, and INT8 with FP16 between. Without a GPU their
        accuracy is that of the CPU provider. Raises CommandError if the GPU does not run the
        float file, with which everything else is compared."""
        providers = providers_of("gpu", self.host)
        if providers:
            _need_one(trials.run(Variant("float", self.source.path, providers)))
        half = self.prepared.with_name("half.onnx")
        _narrow(self.prepared, half)
        trials.run(Variant("fp16", half, providers or ("cpu",)))
        finish = partial(_int8_with_fp16, providers)
        return Search(self.prepared, self.calibration, gpu_style(), finish).find(trials.run)


def _need_one(trials: Sequence[Trial]) -> None:
    if all(each.objection is not None for each in trials):
        first = trials[0]
        raise CommandError(f"{first.candidate.title} cannot be measured: {first.objection}")


def _int8(
    providers: tuple[str, ...], path: Path, method: Method, excluded: tuple[str, ...]
) -> Variant:
    return Variant("int8", path, providers, method=method, excluded=excluded)


def _int8_with_fp16(
    providers: tuple[str, ...], path: Path, method: Method, excluded: tuple[str, ...]
) -> Variant:
    """ONNX Runtime's CPU kernel of QuantizeLinear truncates FP16 where it should round: there a
    file with FP32 between stands in."""
    narrowed = path.with_suffix(".half.onnx")
    _narrow(path, narrowed)
    details: dict[str, Any] = {"method": method, "excluded": excluded}
    if providers:
        return Variant("int8", narrowed, providers, **details)
    return Variant("int8", narrowed, ("cpu",), **details, stand_in=path)


def _narrow(path: Path, into: Path) -> None:
    try:
        with hushed():
            narrow(path, into)
    except Exception as error:
        raise CommandError(f"{path.name} cannot be made FP16: {first_line(error)}") from None
