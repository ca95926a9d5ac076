"""Files that a configuration names."""

from pathlib import Path

from server.repository import ModelFolder


class ModelFileError(Exception):
    """A file that is not there or too large; says where it was looked for."""


def find_file(model: ModelFolder, version: int, filename: str) -> Path:
    """In the version's folder, else in the model's. Raises ModelFileError."""
    places = [model.path / str(version) / filename, model.path / filename]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise ModelFileError(f"there is neither {places[0]} nor {places[1]}")
    return found


def read_file(path: Path, most: int) -> bytes:
    """Its contents, of at most so many bytes. Raises ModelFileError."""
    try:
        with path.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > most:
        raise ModelFileError(f"{path}: is over {most} bytes")
    return content
