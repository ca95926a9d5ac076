"""Pictures in, arrays out."""

import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from server.config.image_spec import ImageConfig
from server.engine import ImageInput
from server.image_specification import image_spec
from server.preprocess.declaration import check_config, read_declaration

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
        self._build(check_config(ImageConfig, "image", options), datatype, dims)

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str], name: str | None = None) -> Self:
        """From a model.yaml, or a file with its sections `inputs` and `preprocess`; `name`: the
        input, where several are made of pictures. Raises ValueError."""
        found = read_declaration(path, "image", name)
        made = cls.__new__(cls)
        made._build(found.config, found.datatype, found.dims)
        return made

    @classmethod
    def of(cls, config: ImageConfig, datatype: str, dims: Sequence[int]) -> Self:
        """From a checked declaration. Raises ValueError."""
        made = cls.__new__(cls)
        made._build(config, datatype, dims)
        return made

    def _build(self, config: ImageConfig, datatype: str, dims: Sequence[int]) -> None:
        spec = image_spec(config, datatype, dims)
        self._input = ImageInput(spec)
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
