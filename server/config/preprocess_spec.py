"""The part of the specification that says what clients may send in place of tensors."""

from typing import Self

from pydantic import model_validator

from server.config.columns_spec import ColumnsConfig
from server.config.image_spec import ImageConfig
from server.config.strict import Name, Strict
from server.config.text_spec import TextConfig


class Preprocess(Strict):
    """How one input of the model is made; exactly one of the three."""

    image: ImageConfig | None = None
    columns: ColumnsConfig | None = None
    text: TextConfig | None = None
    # Under which name clients send it (a row as JSON, with columns); None: the input's own.
    name: Name | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.image, self.columns, self.text)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("exactly one of image, columns and text is needed")
        return self
