"""Calibration and evaluation data, held against what the model takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from server.config.problem import suggestion
from server.making.error import CommandError
from server.making.text import say
from server.quantize.data_files import Array, read_arrays
from server.quantize.picture_data import PictureDeclaration, read_pictures
from server.quantize.signature import Signature, Tensor, datatype

LEAST_CALIBRATION = 16
LEAST_EVALUATION = 16  # of data that is for nothing else
HELD_OUT = 4  # without evaluation data, every so many samples one is kept for it
_LABELS = ("label", "labels")


@dataclass(frozen=True)
class Samples:
    """Inputs by name, samples along the first axis, and INT64 labels [samples] or None."""

    inputs: dict[str, Array]
    labels: Array | None
    batched: bool  # several samples may share a run

    @property
    def count(self) -> int:
        return len(next(iter(self.inputs.values())))

    def runs(self, rows: int) -> Iterator[dict[str, Array]]:
        """Inputs of one run after the other, of at most `rows` samples each."""
        if self.batched:
            for start in range(0, self.count, rows):
                yield {name: each[start : start + rows] for name, each in self.inputs.items()}
        else:
            for row in range(self.count):
                yield {name: each[row] for name, each in self.inputs.items()}

    def only(self, rows: slice | Array) -> "Samples":
        """Some of the samples."""
        labels = None if self.labels is None else self.labels[rows]
        chosen = {name: each[rows] for name, each in self.inputs.items()}
        return Samples(chosen, labels, self.batched)

    def dims(self) -> dict[str, list[int]]:
        """The shape of each input in one run, without the batch dimension."""
        return {name: list(each.shape[1:]) for name, each in self.inputs.items()}


def read_samples(
    path: Path,
    signature: Signature,
    label: str | None,
    pictures: PictureDeclaration | None = None,
) -> Samples:
    """`pictures`: how they are prepared, if `path` holds some. Raises CommandError with the file,
    the input, and what was expected."""
    if pictures is not None:
        found = read_pictures(path, pictures)
    else:
        found = read_arrays(path, [each.name for each in signature.inputs])
    inputs = {each.name: _input(path, found, each, signature) for each in signature.inputs}
    counts = {name: len(each) for name, each in inputs.items()}
    if len(set(counts.values())) > 1:
        said = ", ".join(f'"{name}" has {count}' for name, count in counts.items())
        raise CommandError(f"{path}: inputs differ in their number of samples: {said}")
    labels = _labels(path, found, label, next(iter(counts.values())))
    return Samples(inputs, labels, signature.batched)


def share_out(samples: Samples) -> tuple[Samples, Samples]:
    """Three quarters to calibrate with and one to evaluate with."""
    kept = np.arange(samples.count) % HELD_OUT == HELD_OUT - 1
    return samples.only(~kept), samples.only(kept)


def need_enough(path: Path, samples: Samples, shared: bool) -> None:
    """Raises CommandError if static calibration would rest on too few samples."""
    kept = samples.count // HELD_OUT if shared else 0
    if samples.count - kept < LEAST_CALIBRATION:
        needed = LEAST_CALIBRATION * HELD_OUT // (HELD_OUT - 1) if shared else LEAST_CALIBRATION
        why = ", of which a quarter is kept for evaluation" if shared else ""
        raise CommandError(
            f"{path}: {samples.count} samples are too few: calibration needs at least "
            f"{needed}{why}; a hundred or more, like those to be served, are better"
        )


def need_evaluation(path: Path, samples: Samples) -> None:
    """Raises CommandError if a verdict on accuracy would rest on too few samples."""
    if samples.count < LEAST_EVALUATION:
        raise CommandError(
            f"{path}: {samples.count} samples are too few: evaluation needs at least "
            f"{LEAST_EVALUATION}; with labels, hundreds, for one sample is a step of accuracy"
        )


def _input(path: Path, found: Mapping[str, Array], tensor: Tensor, signature: Signature) -> Array:
    values = found.get(tensor.name)
    if values is None:
        have = ", ".join(f'"{name}"' for name in found) or "nothing"
        hint = suggestion(tensor.name, found)
        raise CommandError(f'{path}: input "{tensor.name}" is missing.{hint} It has {have}')
    shaped = _shaped(values, tensor, signature.batched)
    if shaped is None or _kind(values.dtype) != _kind(tensor.dtype):
        wanted = f"{datatype(tensor.dtype)} {_expected(tensor, signature.batched)}"
        got = f"{datatype(values.dtype)} {list(values.shape)}"
        raise CommandError(f'{path}: input "{tensor.name}": expected {wanted}, got {got}')
    return _finite(path, tensor, shaped)


def _kind(dtype: np.dtype[Any]) -> str:
    """Within a kind values are converted; pixels given as bytes may lack a scale."""
    return dtype.kind.replace("u", "i")


def _shaped(values: Array, tensor: Tensor, batched: bool) -> Array | None:
    """As one sample per row; None if the shape is another one."""
    dims = tensor.dims[1:] if batched else tensor.dims
    if not batched and tensor.dims[:1] == (1,) and values.ndim == len(tensor.dims):
        values = values[:, np.newaxis]
    fits = values.ndim == len(dims) + 1 and all(
        want in (None, got) for want, got in zip(dims, values.shape[1:], strict=True)
    )
    return values if fits and values.size else None


def _expected(tensor: Tensor, batched: bool) -> str:
    dims = tensor.dims[1:] if batched or tensor.dims[:1] == (1,) else tensor.dims
    return f"[{', '.join(['samples', *('any' if each is None else str(each) for each in dims)])}]"


def _finite(path: Path, tensor: Tensor, values: Array) -> Array:
    with np.errstate(over="ignore"):
        made = values.astype(tensor.dtype)
    wrong = ~np.isfinite(made) if tensor.dtype.kind == "f" else made != values
    if wrong.any():
        first = int(np.argwhere(wrong)[0][0])
        kind = "not finite" if tensor.dtype.kind == "f" else f"out of {datatype(tensor.dtype)}"
        raise CommandError(
            f'{path}: input "{tensor.name}": {int(wrong.sum())} values are {kind}, the first in '
            f"sample {first}"
        )
    return made


def _labels(path: Path, found: Mapping[str, Array], label: str | None, count: int) -> Array | None:
    names = [label] if label is not None else [name for name in _LABELS if name in found]
    if not names:
        return None
    values = found.get(names[0])
    if values is None:
        have = ", ".join(f'"{name}"' for name in found)
        raise CommandError(f'{path}: there are no labels "{names[0]}". It has {have}')
    flat = values.reshape(-1)
    if values.ndim == 0 or len(flat) != count or len(values) != count:
        raise CommandError(
            f'{path}: labels "{names[0]}": expected [{count}], got {list(values.shape)}'
        )
    if values.dtype.kind not in "iu":
        say(f'{path}: "{names[0]}" are not class numbers: outputs are compared with FP32\'s')
        return None
    return flat.astype(np.int64)
