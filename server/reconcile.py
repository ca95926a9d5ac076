"""What to do so that what is served becomes what the repository holds. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

# (model, version)
Key = tuple[str, int]


@dataclass(frozen=True)
class Load:
    """Build this version (again) and serve it; an older copy serves until then."""

    model: str
    version: int


@dataclass(frozen=True)
class Unload:
    """Stop serving this version, drain it, drop it."""

    model: str
    version: int


Action = Load | Unload


def plan(desired: Mapping[Key, str], actual: Mapping[Key, str]) -> list[Action]:
    """Actions from `actual` to `desired`; both map a version to a fingerprint of its
    configuration and files. Loads come first, so that a model stays available."""
    loads: list[Action] = [
        Load(model, version)
        for (model, version), fingerprint in sorted(desired.items())
        if actual.get((model, version)) != fingerprint
    ]
    unloads: list[Action] = [Unload(*key) for key in sorted(actual.keys() - desired.keys())]
    return loads + unloads
