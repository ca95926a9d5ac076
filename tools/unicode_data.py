#!/usr/bin/env python3
"""Writes csrc/preprocess/unicode.txt: what Hugging Face `tokenizers` knows of each character.

Its parts are built on Unicode tables of different versions, and ids have to agree with every one
of them, so the package itself is asked, character by character. Needs `tokenizers`. Run it when a
new release of that package answers differently; tests/unit/test_tokenizer_unicode.py tells.
"""

import argparse
import textwrap
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

from tokenizers import Regex, normalizers, pre_tokenizers

TARGET = Path(__file__).resolve().parents[1] / "csrc" / "preprocess" / "unicode.txt"
CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)  # composed and decomposed by arithmetic
HEAD = """\
# What Hugging Face tokenizers knows of each character; written by tools/unicode_data.py.
# Sets are code points and ranges, mappings are code=text or first-last+distance, in hexadecimal.
"""


def of_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether the regular expressions of Split and Replace match a character."""
    kept = set(normalizers.Replace(Regex(pattern), "").normalize_str("".join(CHARACTERS)))
    return lambda character: character not in kept


def pieces(pre_tokenizer: pre_tokenizers.PreTokenizer) -> Callable[[str], int]:
    """How many pieces a character makes of the letters around it."""
    return lambda character: len(pre_tokenizer.pre_tokenize_str(f"a{character}a"))


def sets() -> dict[str, Callable[[str], bool]]:
    """Name of each set of characters, and whether it holds one."""
    digits = pieces(pre_tokenizers.Digits(individual_digits=True))
    punctuation = pieces(pre_tokenizers.Punctuation())
    words = pieces(pre_tokenizers.Whitespace())
    clean = normalizers.BertNormalizer(True, False, False, False)
    no_accents = normalizers.BertNormalizer(False, False, True, False)
    no_marks = normalizers.StripAccents()
    decomposed = normalizers.NFD()
    spaces = pieces(pre_tokenizers.WhitespaceSplit())
    return {
        "space": lambda c: spaces(c) == 2,
        "numeric": lambda c: digits(c) == 3,
        "punctuation": lambda c: punctuation(c) == 3,
        "removed": lambda c: clean.normalize_str(c) == "",
        "nonspacing": lambda c: (
            decomposed.normalize_str(c) == c and not no_accents.normalize_str(c)
        ),
        "mark": lambda c: no_marks.normalize_str(c) == "",
        "letter": of_pattern(r"\p{L}"),
        "number": of_pattern(r"\p{N}"),
        "word": lambda c: words(c) == 1,
    }


def mappings() -> dict[str, dict[int, str]]:
    lower, canonical, compatible = {}, {}, {}
    for character in CHARACTERS:
        code = ord(character)
        if (text := normalizers.Lowercase().normalize_str(character)) != character:
            lower[code] = text
        if code in HANGUL:
            continue
        whole = normalizers.NFD().normalize_str(character)
        if whole != character:
            canonical[code] = whole
        if (text := normalizers.NFKD().normalize_str(character)) != whole:
            compatible[code] = text
    return {"lower": lower, "canonical": canonical, "compatible": compatible}


def classes() -> dict[int, list[int]]:
    """Canonical combining classes, of the characters that really are reordered."""
    order = normalizers.NFD().normalize_str
    found: dict[int, list[int]] = {}
    for character in CHARACTERS:
        number = unicodedata.combining(character)
        first, second = ("\u0345", character) if number == 1 else (character, "\u0334")
        if number and order(first + second) == order(second) + order(first):
            found.setdefault(number, []).append(ord(character))
    return found


def uncomposed(canonical: dict[int, str]) -> list[int]:
    """Characters that NFC takes apart for good."""
    compose = normalizers.NFC().normalize_str
    return [code for code, text in canonical.items() if compose(text) != chr(code)]


def ranges(codes: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return " ".join(f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in runs)


def mapping(pairs: dict[int, str]) -> str:
    """Neighbours that move by the same distance share an item."""
    runs: list[list[int]] = []
    items: list[str] = []
    for code, text in pairs.items():
        if len(text) > 1:
            items.append(f"{code:X}={','.join(f'{ord(part):X}' for part in text)}")
            continue
        distance = ord(text) - code
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == distance:
            runs[-1][1] = code
        else:
            runs.append([code, code, distance])
    return " ".join([f"{a:X}-{b:X}{distance:+X}" for a, b, distance in runs] + items)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=TARGET, help="(%(default)s)")
    lines = {name: ranges(ord(c) for c in CHARACTERS if holds(c)) for name, holds in sets().items()}
    found = mappings()
    lines |= {name: mapping(pairs) for name, pairs in found.items()}
    lines["uncomposed"] = ranges(uncomposed(found["canonical"]))
    lines |= {f"class {number}": ranges(codes) for number, codes in sorted(classes().items())}
    body = "\n".join(
        textwrap.fill(f"{name}: {items}", 100, subsequent_indent="  ", break_on_hyphens=False)
        for name, items in lines.items()
    )
    parser.parse_args().out.write_text(f"{HEAD}{body}\n")


if __name__ == "__main__":
    main()
