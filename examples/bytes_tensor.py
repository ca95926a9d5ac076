"""Tensors of BYTES as raw contents have them, for clients."""


def texts_in(content: bytes) -> list[str]:
    """Return the elements in order: each comes after its length, four bytes."""
    texts = []
    while content:
        end = 4 + int.from_bytes(content[:4], "little")
        texts.append(content[4:end].decode())
        content = content[end:]
    return texts
