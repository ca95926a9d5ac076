"""Writes the seed corpus of infer_request_fuzz.cc into corpus/ beside this file.

Each seed is one byte that picks a model (the order of make_specs() there) and a serialized
ModelInferRequest, written here byte by byte.
"""

import struct
from pathlib import Path

VARINT, FIXED64, BLOCK, FIXED32 = 0, 1, 2, 5

BATCHED_FP32, DYNAMIC_FP32, MIXED, SCALAR, RANK_8, NO_INPUTS, BY_DATATYPE = range(7)
# Bytes per element, in the order of DType; BYTES elements vary.
SIZES = {
    "BOOL": 1,
    "UINT8": 1,
    "UINT16": 2,
    "UINT32": 4,
    "UINT64": 8,
    "INT8": 1,
    "INT16": 2,
    "INT32": 4,
    "INT64": 8,
    "FP16": 2,
    "FP32": 4,
    "FP64": 8,
    "BF16": 2,
    "BYTES": 0,
}
DATATYPES = list(SIZES)
EVERY_DATATYPE = BY_DATATYPE + len(DATATYPES)
PADDED = EVERY_DATATYPE + 2
MADE = PADDED + 1
NARROW = MADE + 1


def varint(value: int) -> bytes:
    """Encodes `value` (two's complement when negative) in base 128."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    """A varint field."""
    return varint(field << 3 | VARINT) + varint(value)


def block(field: int, content: bytes | str) -> bytes:
    """A length-delimited field."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | BLOCK) + varint(len(raw)) + raw


def tensor(name: str, datatype: str, shape: list[int], more: bytes = b"") -> bytes:
    """One entry of `inputs`."""
    dims = block(3, b"".join(map(varint, shape))) if shape else b""
    return block(5, block(1, name) + block(2, datatype) + dims + more)


def head(more: bytes = b"") -> bytes:
    """model_name, model_version, id and request parameters."""
    return block(1, "m") + block(2, "1") + block(3, "id") + more


def parameter(key: str, value: bytes) -> bytes:
    """One map entry."""
    return block(1, key) + block(2, value)


def wants_classes(output: str, count: bytes) -> bytes:
    """A requested output with a classification parameter."""
    return block(6, block(1, output) + block(2, parameter("classification", count)))


def contents(datatype: str) -> bytes:
    """Two elements in the typed field of a datatype, packed."""
    fields = {"BOOL": 1, "INT64": 3, "UINT64": 5, "FP32": 6, "FP64": 7, "BYTES": 8}
    field = fields.get(datatype, 4 if datatype.startswith("U") else 2)
    match datatype:
        case "FP32":
            return block(field, struct.pack("<2f", 1.5, -2))
        case "FP64":
            return block(field, struct.pack("<2d", 1.5, -2))
        case "BYTES":
            return block(field, "ab") + block(field, "")
    return block(field, varint(1) + varint(0))


def raw(datatype: str) -> bytes:
    """Two elements in raw form."""
    if datatype == "BYTES":
        return struct.pack("<I2sI", 2, b"ab", 0)
    return bytes(2 * SIZES[datatype])


def seeds() -> dict[str, bytes]:
    """File name -> seed."""
    timeout = block(4, parameter("timeout", number(2, 1000)))
    region = block(4, parameter("shared_memory_region", block(3, "shm0")))
    sequence = block(4, parameter("sequence_id", number(5, 7)))
    classes = wants_classes("y", number(2, 3))
    many_classes = wants_classes("label", number(5, 2**64 - 1))
    no_classes = wants_classes("y", number(2, 0))
    text_classes = wants_classes("text", number(2, 1))
    fp32 = tensor("x", "FP32", [2, 16])
    huge = tensor("x", "FP32", [1 << 40, 1 << 40])
    group = varint(9 << 3 | 3) + number(1, 1) + varint(9 << 3 | 4)
    mixed = (
        tensor("c", "BOOL", [1, 2, 1])
        + tensor("a", "INT64", [1, 4])
        + tensor("b", "BYTES", [1])
        + b"".join(block(7, one) for one in (b"\0\1", bytes(32), struct.pack("<I", 0)))
    )
    unpacked = b"".join(varint(6 << 3 | FIXED32) + struct.pack("<f", i) for i in range(4))
    sentence = (
        tensor("ids", "INT64", [2, 3])
        + tensor("bias", "INT8", [2, 3, 3])
        + tensor("x", "INT8", [2, 0, 5])
        + block(7, bytes(48))
        + block(7, bytes(18))
        + block(7, b"")
    )
    masked = tensor("mask", "INT64", [2, 1, 3]) + block(7, bytes(48))
    ages = tensor("age", "INT64", [2, 1])
    files = block(7, struct.pack("<I2sI", 2, b"ab", 0))
    named = {
        "raw_typed": (
            NARROW,
            head()
            + tensor("a", "INT16", [1], block(5, number(2, 1 << 20)))
            + tensor("b", "UINT8", [1], block(5, number(4, 7))),
        ),
        "raw_files": (
            MADE,
            head() + tensor("x", "BYTES", [2]) + ages + files + block(7, bytes(16)),
        ),
        "raw_pixels": (
            MADE,
            head() + tensor("x", "UINT8", [1, 2, 1, 3]) + block(7, bytes(6)),
        ),
        "raw_and_tensor": (
            MADE,
            head() + ages + tensor("bias", "FP32", [2, 1]) + block(7, bytes(16)),
        ),
        "padded": (PADDED, head() + sentence),
        "padded_with_mask": (PADDED, head() + sentence + masked),
        "batched": (
            BATCHED_FP32,
            head(timeout) + fp32 + block(6, block(1, "y")) + block(7, bytes(128)),
        ),
        "overflowing_shape": (DYNAMIC_FP32, head() + huge + block(7, bytes(16))),
        "large": (DYNAMIC_FP32, head() + tensor("x", "FP32", [2, 600]) + block(7, bytes(4800))),
        "unpacked": (DYNAMIC_FP32, head() + tensor("x", "FP32", [2, 2], block(5, unpacked))),
        "mixed_order": (MIXED, head() + mixed),
        "scalar": (
            SCALAR,
            head()
            + tensor("s", "FP32", [])
            + tensor("z", "INT8", [0])
            + block(7, bytes(4))
            + block(7, b""),
        ),
        "rank_8": (RANK_8, head() + tensor("x", "FP16", [1] * 8) + block(7, bytes(2))),
        "rank_9": (RANK_8, head() + tensor("x", "FP16", [1] * 9) + block(7, bytes(2))),
        "no_inputs": (NO_INPUTS, head() + block(6, block(1, "text")) + group),
        "shared_memory": (BATCHED_FP32, head() + tensor("x", "FP32", [1, 16], region)),
        "classification": (BATCHED_FP32, head() + fp32 + classes + block(7, bytes(128))),
        "classification_of_all": (
            BATCHED_FP32,
            head() + fp32 + many_classes + block(7, bytes(128)),
        ),
        "classification_of_none": (BATCHED_FP32, head() + fp32 + no_classes + block(7, bytes(128))),
        "classification_of_text": (
            BATCHED_FP32,
            head() + fp32 + text_classes + block(7, bytes(128)),
        ),
        "sequence": (BATCHED_FP32, head(sequence) + fp32 + block(7, bytes(128))),
        "bad_utf8": (BATCHED_FP32, block(1, b"\xff")),
        "truncated": (BATCHED_FP32, (head() + fp32)[:-3]),
        "every_datatype_raw": (
            EVERY_DATATYPE,
            head()
            + b"".join(tensor(one, one, [2]) for one in DATATYPES)
            + b"".join(block(7, raw(one)) for one in DATATYPES),
        ),
    }
    for index, datatype in enumerate(DATATYPES):
        if datatype in ("FP16", "BF16"):
            continue
        message = head() + tensor("x", datatype, [2], block(5, contents(datatype)))
        named[f"typed_{datatype.lower()}"] = (BY_DATATYPE + index, message)
    return {name: bytes([model]) + message for name, (model, message) in named.items()}


def main() -> None:
    """Rewrites every seed."""
    folder = Path(__file__).parent / "corpus"
    folder.mkdir(exist_ok=True)
    for name, seed in seeds().items():
        (folder / name).write_bytes(seed)


if __name__ == "__main__":
    main()
