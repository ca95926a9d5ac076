"""Pictures in, arrays out."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from server.config.image_spec import ImageConfig
from server.engine import ImageInput
from server.image_specification import ImageError, image_spec
from server.preprocess.declaration import read_declaration
from server.preprocess.tuples import as_tuples

Picture = bytes | bytearray | memoryview | NDArray[np.uint8]
# NumPy has no BF16: its bits are given as they are.
_DTYPES = {
    "FP32": np.float32,
    "FP16": np.float16,
    "BF16": np.uint16,
    "UINT8": np.uint8,
    "INT8": np.int8,
}


class Image:
    """Prepares batches of pictures as a model with this declaration gets them when it is served.

    `datatype` and `dims` are the input's (dims without the batch dimension); the options are the
    keys of `image` in model.yaml. BF16 comes as the bits of it, in UINT16.
    """

    def __init__(
        self, datatype: str = "FP32", dims: Sequence[int] = (3, 224, 224), **options: Any
    ) -> None:
        """Raises ValueError that names the option."""
        self._build(_checked(options), datatype, dims)

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str], name: str | None = None) -> Self:
        """From a model.yaml, or a file with its sections `inputs` and `preprocess`; `name`: the
        input, where several are made of pictures. Raises ValueError."""
        found = read_declaration(path, "image", name)
        made = cls.__new__(cls)
        assert found.declared.image is not None
        made._build(found.declared.image, found.datatype, found.dims)
        return made

    @classmethod
    def of(cls, config: ImageConfig, datatype: str, dims: Sequence[int]) -> Self:
        """From a checked declaration. Raises ValueError."""
        made = cls.__new__(cls)
        made._build(config, datatype, dims)
        return made

    def _build(self, config: ImageConfig, datatype: str, dims: Sequence[int]) -> None:
        try:
            self._input = ImageInput(image_spec(config, datatype, dims))
        except ImageError as error:
            raise ValueError(": ".join(map(str, (*error.at, error)))) from None
        self._dtype = _DTYPES[datatype]
        self.shape: tuple[int, ...] = tuple(self._input.shape)

    def __call__(self, pictures: Sequence[Picture], threads: int | None = None) -> NDArray[Any]:
        """One row per picture: [len(pictures), *shape]. A picture is the bytes of a JPEG, PNG or
        WebP, or UINT8 pixels [height, width, 3], red first. `threads`: None: one per core. Raises
        CoreError that names the first picture that cannot be prepared ("item 3: ...")."""
        made = np.empty((len(pictures), *self.shape), self._dtype)
        workers = threads if threads is not None else len(os.sched_getaffinity(0))
        # Pixels that do not lie row after row are copied.
        items = [
            np.ascontiguousarray(each) if isinstance(each, np.ndarray) else each
            for each in pictures
        ]
        self._input.prepare(items, made, threads=workers)
        return made


def _checked(options: Mapping[str, Any]) -> ImageConfig:
    try:
        return ImageConfig.model_validate(as_tuples(options))
    except ValidationError as error:
        raise ValueError("; ".join(map(_finding, error.errors()))) from None


def _finding(item: Any) -> str:
    conflict = item.get("ctx", {}).get("error")
    place = ".".join(map(str, (*item["loc"], *getattr(conflict, "at", ()))))
    return f"{place}: {conflict or item['msg']}"
