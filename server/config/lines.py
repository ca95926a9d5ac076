"""Where in its file each key of a configuration was written."""

Location = tuple[str | int, ...]
"""Keys and item numbers from the top: ("inputs", 0, "dims")."""


class Lines:
    """Lines (from 1) by location; the first one added to a location counts."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, ...], int] = {}

    def add(self, location: Location, line: int) -> None:
        self._lines.setdefault(_words(location), line)

    def __contains__(self, location: Location) -> bool:
        return _words(location) in self._lines

    def of(self, location: Location) -> int | None:
        """The line of `location`, or of the nearest key that holds it; None: neither is there."""
        words = _words(location)
        ends = range(len(words), 0, -1)
        return next((self._lines[words[:end]] for end in ends if words[:end] in self._lines), None)

    def of_key(self, key: str) -> int | None:
        """The first line with this key, wherever it stands."""
        return next((line for words, line in self._lines.items() if words[-1] == key), None)


def _words(location: Location) -> tuple[str, ...]:
    return tuple(map(str, location))
