"""The part of the specification that says how texts become an input of the model."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.config.strict import Name, Strict

FileName = Annotated[str, StringConstraints(pattern=r"^[^/\x00]+$")]


class TextConfig(Strict):
    """Texts become token ids, one row each, as Hugging Face tokenizers makes them."""

    # A Hugging Face tokenizer.json, in the version's folder or the model's.
    tokenizer: FileName = "tokenizer.json"
    # Tokens of a row, special ones included; None: what the file truncates to, or the length of
    # the model's input where that is fixed.
    max_length: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    # What happens to longer texts: tokens are left out at the end or at the beginning, or the
    # request is refused. None: what the file says, right where it says nothing.
    truncation: Literal["right", "left", "error"] | None = None
    mask: Name | None = None  # input that is 1 for tokens and 0 for padding
    types: Name | None = None  # input for the types of the tokens
    max_bytes: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1 << 20  # of one text
