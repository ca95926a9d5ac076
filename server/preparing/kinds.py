"""What files of raw data become, by the kind of their declaration."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from server.preprocess.columns import Columns
from server.preprocess.declaration import Declaration, DeclarationError
from server.preprocess.image import Image
from server.preprocess.picture_files import prepare_files
from server.preprocess.text import Text
from server.text_specification import TextTensor

Tensors = dict[str, NDArray[Any]]  # by input
Prepare = Callable[[Declaration, Sequence[Path], int | None], Tensors]


def prepare(declared: Declaration, data: Sequence[Path], threads: int | None) -> Tensors:
    """Raises DeclarationError, CoreError or OSError, which say what and where."""
    return _KINDS[declared.kind](declared, data, threads)


def _images(declared: Declaration, data: Sequence[Path], threads: int | None) -> Tensors:
    assert declared.declared.image is not None
    image = Image.of(declared.declared.image, declared.datatype, declared.dims)
    return {declared.name: prepare_files(image, data, threads)}


def _columns(declared: Declaration, data: Sequence[Path], threads: int | None) -> Tensors:
    assert declared.declared.columns is not None
    options = declared.declared.columns.model_dump(mode="json", exclude_defaults=True)
    columns = Columns(datatype=declared.datatype, threads=threads, **options)  # type: ignore[arg-type]
    return {declared.name: columns([line for line in _lines(data) if line])}


def _texts(declared: Declaration, data: Sequence[Path], threads: int | None) -> Tensors:
    config = declared.declared.text
    assert config is not None
    names = {"ids": declared.name, "mask": config.mask, "types": config.types}
    tensors = {}
    for what, name in names.items():
        if name is not None:
            if name not in declared.inputs:
                raise DeclarationError(f'{declared.path}: there is no input "{name}"')
            tensors[what] = TextTensor(*declared.inputs[name])
    text = Text.of(config, _folder_of(declared.path, config.tokenizer), tensors)
    made = text(list(_lines(data)), threads)
    return {names[what] or what: tensor for what, tensor in made.items()}


def _folder_of(declaration: Path, filename: str) -> Path:
    """Where the file is that a version of this model has: the newest version's folder, or its
    own."""
    folder = declaration.parent
    versions = sorted(
        (
            each
            for each in folder.iterdir()
            if each.name.isdecimal() and (each / filename).is_file()
        ),
        key=lambda each: int(each.name),
    )
    return versions[-1] if versions else folder


def _lines(data: Sequence[Path]) -> Iterator[bytes]:
    for path in data:
        yield from path.read_bytes().splitlines()


_KINDS: dict[str, Prepare] = {"image": _images, "columns": _columns, "text": _texts}
