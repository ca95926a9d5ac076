#!/usr/bin/env python3
"""Turns csrc/preprocess/unicode.txt into the C++ tables that csrc/preprocess/unicode.cc includes.

Two steps lead from a code point to its properties: the number of its block of 256, then its place
in the block. Mappings are sorted by code point, their texts lie one after another in one pool.
"""

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

SETS = (
    "space",
    "numeric",
    "punctuation",
    "removed",
    "nonspacing",
    "mark",
    "letter",
    "number",
    "word",
)
MAPPINGS = ("lower", "canonical", "compatible")
JAMO = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))  # vowels and finals of Hangul
CODES = 0x110000
BLOCK = 256


def sections(text: str) -> dict[str, list[str]]:
    """The items of each line; a line that begins with blanks goes on with the one before."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        items = line
        if not line.startswith(" "):
            name, _, items = line.partition(":")
        found.setdefault(name, []).extend(items.split())
    return found


def codes(items: Iterable[str]) -> Iterator[int]:
    for item in items:
        first, _, last = item.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


def mapping(items: Iterable[str]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for item in items:
        if "=" in item:
            code, _, text = item.partition("=")
            found[int(code, 16)] = [int(part, 16) for part in text.split(",")]
        elif run := re.fullmatch(r"(\w+)-(\w+)([+-]\w+)", item):
            first, last, distance = (int(part, 16) for part in run.groups())
            found |= {code: [code + distance] for code in range(first, last + 1)}
        else:
            raise ValueError(f"{item!r} is no item of a mapping")
    return dict(sorted(found.items()))


def compositions(canonical: dict[int, list[int]], uncomposed: set[int]) -> dict[int, int]:
    """(first << 32 | second) -> what the two compose to."""
    whole = {tuple(text): code for code, text in canonical.items() if code not in uncomposed}
    found = {}
    for text, code in whole.items():
        first = whole[text[:-1]] if len(text) > 2 else text[0]
        found[first << 32 | text[-1]] = code
    return dict(sorted(found.items()))


def properties(found: dict[str, list[str]]) -> list[int]:
    """A bit for each of SETS and MAPPINGS; then for what NFC always takes apart, and for what may
    be reordered or composed with the character before it."""
    bits = [0] * CODES
    for number, name in enumerate(SETS):
        for code in codes(found[name]):
            bits[code] |= 1 << number
    for number, name in enumerate(MAPPINGS, len(SETS)):
        for code in mapping(found[name]):
            bits[code] |= 1 << number
    uncomposed = set(codes(found["uncomposed"]))
    seconds = [pair & 0xFFFFFFFF for pair in compositions(mapping(found["canonical"]), uncomposed)]
    ordered = [code for name in found if name.startswith("class ") for code in codes(found[name])]
    apart = 1 << (len(SETS) + len(MAPPINGS))
    for code in uncomposed:
        bits[code] |= apart
    for code in {*ordered, *seconds, *JAMO}:
        bits[code] |= apart << 1
    return bits


def array(kind: str, name: str, values: Iterable[int]) -> str:
    numbers = [str(value) for value in values]
    rows = [", ".join(numbers[at : at + 32]) for at in range(0, len(numbers), 32)]
    return f"constexpr {kind} {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def property_arrays(bits: list[int]) -> Iterator[str]:
    blocks: dict[tuple[int, ...], int] = {}
    numbers = [
        blocks.setdefault(tuple(bits[at : at + BLOCK]), len(blocks))
        for at in range(0, CODES, BLOCK)
    ]
    yield array("uint8_t" if len(blocks) < 256 else "uint16_t", "kBlocks", numbers)
    yield array("uint16_t", "kProperties", (bit for block in blocks for bit in block))


def mapping_arrays(name: str, texts: dict[int, list[int]]) -> Iterator[str]:
    pool: list[int] = []
    ends = [0]
    for text in texts.values():
        pool += text
        ends.append(len(pool))
    yield array("uint32_t", f"k{name}Codes", texts)
    yield array("uint16_t", f"k{name}Ends", ends)
    yield array("uint32_t", f"k{name}Pool", pool)


def class_arrays(found: dict[str, list[str]]) -> Iterator[str]:
    pairs = sorted(
        (code, int(name.split()[1]))
        for name in found
        if name.startswith("class ")
        for code in codes(found[name])
    )
    yield array("uint32_t", "kClassCodes", (code for code, _ in pairs))
    yield array("uint8_t", "kClasses", (number for _, number in pairs))


def header(text: str) -> str:
    found = sections(text)
    mappings = {name: mapping(found[name]) for name in MAPPINGS}
    composed = compositions(mappings["canonical"], set(codes(found["uncomposed"])))
    parts = [*property_arrays(properties(found))]
    for name, texts in mappings.items():
        parts += mapping_arrays(name.capitalize(), texts)
    parts += class_arrays(found)
    parts.append(array("uint64_t", "kPairs", composed))
    parts.append(array("uint32_t", "kComposed", composed.values()))
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="unicode.txt")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.write_text(header(arguments.data.read_text()))


if __name__ == "__main__":
    main()
