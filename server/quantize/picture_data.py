"""Pictures as calibration and evaluation data, prepared as serving prepares them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from server.config.preprocess_spec import Preprocess
from server.config.read import OWN_FILE
from server.making.error import CommandError
from server.preprocess import Image
from server.preprocess.declaration import DeclarationError, read_sections
from server.preprocess.picture_files import picture_files, prepare_files
from server.quantize.data_files import Array
from server.quantize.signature import Signature, Tensor, datatype


@dataclass(frozen=True)
class PictureDeclaration:
    """How the input of a model is made of pictures, and the file that says so."""

    path: Path
    input: Tensor
    declared: Preprocess

    @property
    def section(self) -> dict[str, Any]:
        """`preprocess` of model.yaml, without what has its default."""
        return {self.input.name: self.declared.model_dump(mode="json", exclude_defaults=True)}

    def image(self) -> Image:
        """Raises CommandError."""
        assert self.declared.image is not None
        dims = [-1 if each is None else each for each in self.input.dims]
        try:
            return Image.of(self.declared.image, datatype(self.input.dtype), dims)
        except ValueError as error:
            message = f"preprocess.{self.input.name}.image: {error}"
            raise CommandError(f"{self.path}: {message}") from None


def holds_pictures(path: Path) -> bool:
    """Whether it is a folder of pictures, or of one folder of them per class."""
    if not path.is_dir() or any(path.glob("*.npy")):
        return False
    return bool(picture_files(path) or _classes(path))


def find_declaration(
    given: Path | None, model: Path, output: Path, signature: Signature
) -> PictureDeclaration:
    """In the file given, else in the model.yaml beside the model file, above its version's folder
    or where the version is to be written. Raises CommandError."""
    places = [each / OWN_FILE for each in (model.parent, model.parent.parent, output)]
    path = given or next((each for each in places if each.is_file()), None)
    if path is None:
        raise CommandError(
            f"{model}: pictures need a declaration of how they become its input: give --preprocess "
            "FILE.yaml, or a model.yaml beside the model, with a section preprocess"
        )
    if len(signature.inputs) != 1:
        raise CommandError(f"{model}: pictures are for models with one input")
    tensor = signature.inputs[0]
    try:
        sections = read_sections(path)
    except DeclarationError as error:
        raise CommandError(str(error)) from None
    declared = sections.preprocess.get(tensor.name)
    if declared is None or declared.image is None:
        raise CommandError(
            f"{path}: preprocess.{tensor.name}.image is missing: it says how "
            "pictures become the input"
        )
    return PictureDeclaration(path, tensor, declared)


def read_pictures(path: Path, declaration: PictureDeclaration) -> dict[str, Array]:
    """The input by its name and, where there is a folder per class, "label". Raises
    CommandError."""
    image, classes = declaration.image(), _classes(path)
    if not classes:
        return {declaration.input.name: _prepared(image, [path])}
    numbers = _numbers(classes)
    files = [
        (file, number)
        for each, number in zip(classes, numbers, strict=True)
        for file in picture_files(each)
    ]
    return {
        declaration.input.name: _prepared(image, [file for file, _ in files]),
        "label": np.array([number for _, number in files]),
    }


def _prepared(image: Image, paths: Sequence[Path]) -> Array:
    try:
        return prepare_files(image, paths, None)
    except (DeclarationError, OSError) as error:
        raise CommandError(str(error)) from None


def _classes(path: Path) -> list[Path]:
    return sorted(each for each in path.iterdir() if each.is_dir() and picture_files(each))


def _numbers(classes: Sequence[Path]) -> list[int]:
    """Of the classes: their names where all are numbers, else the order of the names."""
    names = [each.name for each in classes]
    if all(name.isascii() and name.isdecimal() for name in names):
        return [int(name) for name in names]
    return list(range(len(names)))
