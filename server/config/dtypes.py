"""Protocol datatypes ("FP32"): Triton's names for them and their sizes."""

from typing import Literal

Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
    "BF16",
]

# Bytes per element; BYTES elements carry their own length.
ELEMENT_SIZE: dict[Datatype, int] = {
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
}

TRITON_NAME: dict[Datatype, str] = {
    datatype: "TYPE_STRING" if datatype == "BYTES" else f"TYPE_{datatype}"
    for datatype in (*ELEMENT_SIZE, "BYTES")
}
FROM_TRITON: dict[str, Datatype] = {name: datatype for datatype, name in TRITON_NAME.items()}
