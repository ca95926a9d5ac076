"""Texts in, token ids out."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray
from pydantic import ValidationError

from server.config.text_spec import TextConfig
from server.engine import CoreError, TextInput
from server.text_specification import TextTensor, text_spec


class Text:
    """Makes of texts what a model with this declaration gets when it is served.

        text = Text("tokenizer.json", max_length=128, types=True)
        made = text(["a text", "another"])     # {"ids": ..., "mask": ..., "types": ...}

    `tokenizer` is the path of a Hugging Face tokenizer.json; the options are keys of `text` in
    model.yaml. One object may be used by many threads.
    """

    def __init__(
        self,
        tokenizer: str | os.PathLike[str],
        *,
        datatype: str = "INT64",
        length: int = -1,
        mask: bool = True,
        types: bool = False,
        **options: Any,
    ) -> None:
        """`length`: of the model's input, -1 where it is dynamic; `mask`, `types`: whether they
        are made too. Raises ValueError that names the option, CoreError what in the file is not
        supported."""
        made = TextTensor(datatype, (length,))
        self._build(
            Path(tokenizer),
            _checked(options),
            {"ids": made} | ({"mask": made} if mask else {}) | ({"types": made} if types else {}),
        )

    @classmethod
    def of(
        cls, config: TextConfig, folder: str | os.PathLike[str], tensors: Mapping[str, TextTensor]
    ) -> Self:
        """From a checked declaration; `folder` holds the tokenizer, `tensors` are the inputs by
        what they are: ids, mask, types. Raises as the constructor does."""
        made = cls.__new__(cls)
        made._build(Path(folder) / config.tokenizer, config, tensors)
        return made

    def _build(self, file: Path, config: TextConfig, tensors: Mapping[str, TextTensor]) -> None:
        spec = text_spec(config, tensors["ids"], tensors.get("mask"), tensors.get("types"))
        try:
            self._input = TextInput(file.read_bytes(), spec)
        except CoreError as error:
            raise CoreError(error.code, f"{file}: {error.message}") from None

    @property
    def max_length(self) -> int:
        """Tokens of a row at most, special ones included."""
        return self._input.max_length

    @property
    def pad_id(self) -> int:
        """What ids are padded with."""
        return self._input.pad_id

    def __call__(
        self, texts: Sequence[str | bytes], threads: int | None = None
    ) -> dict[str, NDArray[Any]]:
        """[len(texts), length] each, rows padded to the longest or to the input's length.
        `threads`: None: one per core. Raises CoreError that names the first text that cannot be
        made into tokens ("text 3: ...")."""
        workers = threads if threads is not None else len(os.sched_getaffinity(0))
        made = zip(("ids", "mask", "types"), self._input.encode(texts, workers), strict=True)
        return {name: array for name, array in made if array is not None}


def _checked(options: Mapping[str, Any]) -> TextConfig:
    try:
        return TextConfig.model_validate(options)
    except ValidationError as error:
        found = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ValueError("; ".join(found)) from None
