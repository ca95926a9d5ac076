"""Finds the version that a request names, or says what there is."""

from server.config.problem import suggestion
from server.control.rpc import RpcError
from server.registry import Entry, Registry


def parse_version(text: str) -> int | None:
    """None for "" (the version that unversioned requests go to)."""
    if text == "":
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        return int(text)
    raise RpcError("INVALID_ARGUMENT", f'version "{text[:40]}" is not a positive integer')


def find(registry: Registry, model: str, version: str) -> Entry:
    """The served entry; NOT_FOUND names what is served, UNAVAILABLE why a model is not."""
    number = parse_version(version)
    entry = registry.find(model, number)
    if entry is not None:
        return entry
    known = [each for each in registry.entries() if each.model == model]
    if not known:
        names = sorted({each.model for each in registry.ready()})
        hint = suggestion(model, names) or f" Models served: {', '.join(names[:10]) or 'none'}"
        raise RpcError("NOT_FOUND", f'there is no model "{model[:100]}".{hint}')
    for each in known:
        if number is None or each.version in (number, None):
            reason = each.reason or "it is loading"
            raise RpcError("UNAVAILABLE", f'model "{model}" is not ready: {reason}')
    have = ", ".join(str(each.version) for each in known)
    raise RpcError("NOT_FOUND", f'model "{model}" has no version {version}; it has {have}')
