"""From options to a result: reads, makes, tries, measures, decides."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.examine.examination import ExaminationError
from server.making.error import CommandError
from server.making.figures import plain
from server.making.text import say
from server.quantize.accuracy import Limits
from server.quantize.decision import Contender, decide, decide_unmeasured
from server.quantize.forge import Forge, providers_of
from server.quantize.host import Host, inspect_host
from server.quantize.options import QuantizeOptions
from server.quantize.picture_data import PictureDeclaration, find_declaration, holds_pictures
from server.quantize.preparation import LEAST_OPSET, TENSORRT_OPSET, prepare
from server.quantize.provenance import about_data, about_host, about_source, about_tools
from server.quantize.result import Choice, Result
from server.quantize.samples import (
    Samples,
    need_enough,
    need_evaluation,
    read_samples,
    share_out,
)
from server.quantize.source import Source, read_source
from server.quantize.timing import Timings, measure
from server.quantize.trial import Trial, Trials
from server.quantize.variant import Variant
from server.truth.gather import report_of
from server.truth.model_file import ModelFileError
from server.truth.report import TruthReport


@dataclass(frozen=True)
class Data:
    """What to calibrate with and what to evaluate with; `shared`: both come from one place."""

    calibration: Samples
    evaluation: Samples
    shared: bool
    pictures: PictureDeclaration | None = None  # None: all of it is arrays


def run(options: QuantizeOptions, scratch: Path) -> Result:
    """Raises CommandError. Files of variants are left in `scratch`."""
    source = read_source(options.model)
    data = read_data(options, source)
    host = inspect_host()
    providers = providers_of(options.target, host)
    if not providers and not options.unmeasured:
        raise CommandError(
            "--target gpu: there is no GPU here that ONNX Runtime can use, so nobody can say what "
            "pays: run this on the machine that will serve, or add --unmeasured to choose by "
            "accuracy alone"
        )
    prepared = scratch / "prepared.onnx"
    prepare(source, prepared, TENSORRT_OPSET if options.target == "gpu" else LEAST_OPSET)
    limits = Limits(options.max_accuracy_drop, options.max_output_error)
    with Trials(host, data.evaluation, Variant("float", source.path, ("cpu",)), limits) as trials:
        forge = Forge(source, prepared, host, data.calibration)
        found = forge.for_gpu(trials) if options.target == "gpu" else forge.for_cpu(trials)
        choice = _choose(trials, providers, options)
        return Result(
            model=options.output.name,
            choice=choice,
            truth=_truth(choice.chosen, options.output.name) if providers else None,
            trials=trials.all,
            batched=source.signature.batched,
            limits=limits,
            labelled=trials.judge.labelled,
            losses=found.losses,
            notes=[*found.notes, *_remarks(data, trials, choice.chosen)],
            provenance=_provenance(options, source, data, host),
            preprocess=data.pictures.section if data.pictures else {},
        )


def _choose(trials: Trials, providers: Sequence[str], options: QuantizeOptions) -> Choice:
    """Among what is accurate: by measurement under `providers`, if there are any."""
    ready = [each for each in trials.accepted() if not providers or each.provider in providers]
    batch = options.batch if trials.batched else 1
    timings = _timings(ready, trials.batched, options) if providers else {}
    contenders = [_contender(each, timings, batch) for each in ready]
    decision = decide(contenders) if providers else decide_unmeasured(contenders)
    chosen = next(each for each in ready if each.candidate.title == decision.chosen)
    return Choice(chosen, decision.reasons, timings, batch)


def read_data(options: QuantizeOptions, source: Source) -> Data:
    """Raises CommandError for what does not fit the model or is too little."""
    path, shared = options.calibration, options.evaluation is None
    pictures = _pictures(options, source)

    def read(data: Path, label: str | None) -> Samples:
        kind = pictures if holds_pictures(data) else None
        return read_samples(data, source.signature, label, kind)

    samples = read(path, options.label if shared else None)
    need_enough(path, samples, shared)
    if options.evaluation is None:
        return Data(*share_out(samples), shared, pictures)
    evaluation = read(options.evaluation, options.label)
    need_evaluation(options.evaluation, evaluation)
    return Data(samples, evaluation, shared, pictures)


def _pictures(options: QuantizeOptions, source: Source) -> PictureDeclaration | None:
    """How pictures are prepared; None where all data is arrays."""
    data = (options.calibration, options.evaluation)
    if not any(each is not None and holds_pictures(each) for each in data):
        if options.preprocess is not None:
            message = "goes with a folder of pictures as --calibration or --evaluation"
            raise CommandError(f"--preprocess {options.preprocess}: {message}")
        return None
    return find_declaration(options.preprocess, source.path, options.output, source.signature)


def _timings(ready: Sequence[Trial], batched: bool, options: QuantizeOptions) -> Timings:
    subjects = {
        each.candidate.title: (each.examination.time, each.examination.subject.slots)
        for each in ready
        if each.examination is not None
    }
    return measure(subjects, batched, options.batch, options.seconds)


def _contender(trial: Trial, timings: Timings, batch: int) -> Contender:
    title = trial.candidate.title
    rates = timings[title][batch].rows_per_s if timings else ()
    return Contender(title, trial.candidate.variant.precision, rates)


def _truth(chosen: Trial, model: str) -> TruthReport | None:
    """What of a quantized model really runs in INT8; None where nobody can say."""
    if not chosen.candidate.variant.precision.startswith("int8") or chosen.examination is None:
        return None
    try:
        return report_of(chosen.examination.subject, model, chosen.examination)
    except (ExaminationError, ModelFileError) as error:
        say(f"no truth report: {error}")
        return None


def _remarks(data: Data, trials: Trials, chosen: Trial) -> list[str]:
    count = data.evaluation.count
    made = []
    if data.shared:
        made.append(f"evaluated on {count} samples of --calibration that were not calibrated with")
    if trials.judge.labelled:
        made.append(resolution(count, trials.judge.limits))
    if chosen.candidate.variant.precision == "int8 dynamic":
        made.append("rows of a batch share a scale: an answer depends a little on its neighbours")
    if chosen.candidate.variant.stand_in is not None:
        made.append(
            "the written file was opened, but not evaluated: ONNX Runtime's CPU provider does not "
            "quantize FP16 as TensorRT does; its twin with FP32 between was judged in its place"
        )
    return made


def resolution(count: int, limits: Limits) -> str:
    """What one sample means for the verdict."""
    step = 100 / count
    told = f"one of {count} labelled samples is {plain(step)} points of top-1"
    if step <= limits.drop:
        return told
    return f"{told}, more than the {limits.drop:g} that may be lost: a single one decides"


def _provenance(options: QuantizeOptions, source: Source, data: Data, host: Host) -> dict[str, Any]:
    kept = {"samples": data.evaluation.count, "kept_of_calibration": True}
    return {
        "command": shlex.join(["python", "-m", "server", *sys.argv[1:]]),
        "source": about_source(source),
        "calibration": about_data(options.calibration, data.calibration),
        "evaluation": kept
        if options.evaluation is None
        else about_data(options.evaluation, data.evaluation),
        "machine": about_host(host),
        "tools": about_tools(),
    }
