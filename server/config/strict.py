"""What the classes of the specification have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from server.config.lines import Location

Name = Annotated[str, StringConstraints(min_length=1)]


class Strict(BaseModel):
    """Frozen, no unknown keys, no silent conversions ("8" is not 8)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class ConflictError(ValueError):
    """A value that other keys rule out. `at`: its place below the object that found it; the
    message says what is wrong and what is allowed."""

    def __init__(self, at: Location, message: str) -> None:
        super().__init__(message)
        self.at = at
