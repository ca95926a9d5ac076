"""Texts that tokenizers may stumble over: all of Unicode, and what looks like their own tokens."""

import random
from collections.abc import Sequence

ODD_SPACE = " \t\n\r\x0b\x0c\x85\u00a0\u2028\u3000\u200b\u200d\ufeff\u00ad\x00\x01\x7f\ufffd"
ODD_LETTERS = "İß\u017f\u212aÅﬁﬃ①½ǅΣςŉẞ'\u2019\u2032\u0345\u1161\u11a8\u1100"
FRAGMENTS = (
    *("[MASK]", "[SEP]", "[CLS]", "<mask>", "<s>", "</s>", " <mask> ", "<unk>", "<0x41>"),
    *("'s", "'LL", "'\u017f", "'RE", "'d've", "Zauberwort", "aZauberwort", " Zauberwort,"),
    *("   ", "\n\n", "\r\n", "\t", " \n ", "123456", "१२३४", "##ing", "▁", "Ġ"),
)


def character(chance: random.Random) -> str:
    kind = chance.randrange(10)
    ranges = {
        2: (0x300, 0x370),  # combining marks
        3: (0x4E00, 0xA000),
        4: (0x1F000, 0x1FB00),
        5: (0xAC00, 0xD7A4),
        6: (0x590, 0x800),  # right to left
        7: (0x80, 0x3000),
    }
    if kind < 2:
        return chr(chance.randrange(32, 127))
    if kind in ranges:
        return chr(chance.randrange(*ranges[kind]))
    if kind == 8:
        return chance.choice(ODD_SPACE + ODD_LETTERS)
    code = chance.randrange(0x110000 - 0x800)
    return chr(code if code < 0xD800 else code + 0x800)


def text(chance: random.Random, lines: Sequence[str]) -> str:
    line = chance.choice(lines)
    kind = chance.randrange(10)
    if kind < 3:
        return line
    if kind < 5:
        return "".join(character(chance) for _ in range(chance.randrange(60)))
    if kind < 7:
        words = line.split()
        parts = [chance.choice(FRAGMENTS) for _ in words[:12]]
        return "".join(
            part if chance.random() < 0.3 else word + chance.choice(("", " "))
            for part, word in zip(parts, words, strict=False)
        )
    if kind < 9:
        return "".join(c if chance.random() < 0.8 else character(chance) for c in line)
    if chance.random() < 0.2:
        return chance.choice("a\u0431é中") * chance.randrange(1, 3000)
    return "".join(chance.choice("ab'sl tdre123 \n\r.,!") for _ in range(chance.randrange(40)))


def texts(count: int, lines: Sequence[str], seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [text(chance, lines) for _ in range(count)]
