"""Token ids and types are those of Hugging Face tokenizers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from server.preprocess import Text
from tests.tokenizer_files import KINDS, LLAMA3, lines, of_parts
from tests.varied_texts import texts

UNLIMITED = 1_000_000  # tokens
CHUNK = 100  # texts that are padded to one length

N = normalizers
P = pre_tokenizers
NORMALIZERS: dict[str, Any] = {
    "lowercase": N.Lowercase(),
    "nfc": N.NFC(),
    "nfd": N.NFD(),
    "nfkc": N.NFKC(),
    "nfkd": N.NFKD(),
    "accents": N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase()]),
    "marks-alone": N.StripAccents(),
    "strip": N.Strip(),
    "strip-left": N.Strip(left=True, right=False),
    "strip-right": N.Strip(left=False, right=True),
    "replace": N.Sequence([N.Replace("the", "THE"), N.Replace(" ", "▁"), N.Prepend("x")]),
    "bert-parts": N.BertNormalizer(
        clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=True
    ),
    "bert-accents": N.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=False
    ),
}
BEHAVIORS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
PRE_TOKENIZERS: dict[str, Any] = {
    "none": None,
    "bert": P.BertPreTokenizer(),
    "whitespace": P.Whitespace(),
    "whitespace-split": P.WhitespaceSplit(),
    "digits": P.Digits(individual_digits=True),
    "digit-runs": P.Digits(individual_digits=False),
    "delimiter": P.CharDelimiterSplit("e"),
    "metaspace": P.Metaspace(prepend_scheme="always"),
    "metaspace-whole": P.Metaspace(prepend_scheme="never", split=False),
    "words-then-metaspace": P.Sequence([P.WhitespaceSplit(), P.Metaspace()]),
    "pattern": P.Split(Regex(LLAMA3), "removed", invert=True),
    **{f"punctuation-{each}": P.Punctuation(each) for each in BEHAVIORS},
    **{f"split-{each}": P.Split("an", each) for each in BEHAVIORS},
    **{f"split-inverted-{each}": P.Split(" ", each, invert=True) for each in BEHAVIORS},
    **{f"pattern-{each}": P.Split(Regex(LLAMA3), each) for each in BEHAVIORS},
}


def check(tokenizer: Tokenizer, folder: Path, given: Sequence[str], **options: Any) -> None:
    """Compares row by row; says which text differs, and from where on."""
    file = folder / "tokenizer.json"
    tokenizer.save(str(file))
    ours = Text(file, types=True, **{"max_length": UNLIMITED} | options)
    for at in range(0, len(given), CHUNK):
        part = list(given[at : at + CHUNK])
        made = ours(part)
        for row, expected in enumerate(tokenizer.encode_batch(part)):
            length = int(made["mask"][row].sum())
            ids = made["ids"][row, :length].tolist()
            types = made["types"][row, :length].tolist()
            assert (ids, types) == (expected.ids, expected.type_ids), repr(part[row])
            assert set(made["ids"][row, length:].tolist()) <= {ours.pad_id}


@pytest.mark.parametrize("kind", KINDS)
def test_ids_are_those_of_hugging_face(kind: str, tmp_path: Path) -> None:
    check(KINDS[kind](), tmp_path, texts(10_000, lines()))


@pytest.mark.parametrize("direction", ["left", "right"])
@pytest.mark.parametrize("kind", ["bert-uncased", "roberta", "llama3"])
def test_long_texts_are_truncated_alike(kind: str, direction: str, tmp_path: Path) -> None:
    tokenizer = KINDS[kind]()
    tokenizer.enable_truncation(11, direction=direction)
    given = texts(2000, lines(), seed=2)
    check(tokenizer, tmp_path, given, max_length=11, truncation=direction)
    check(tokenizer, tmp_path, given, max_length=None, truncation=None)  # what the file says


@pytest.mark.parametrize("name", NORMALIZERS)
def test_normalizers_agree(name: str, tmp_path: Path) -> None:
    check(of_parts(NORMALIZERS[name], None), tmp_path, texts(1000, lines(), seed=3))


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
def test_pre_tokenizers_agree(name: str, tmp_path: Path) -> None:
    check(of_parts(None, PRE_TOKENIZERS[name]), tmp_path, texts(1000, lines(), seed=4))


def test_every_character_is_treated_alike(tmp_path: Path) -> None:
    """Alone, between letters, and before a mark that it may be ordered with. Planes beyond the
    second hold ideographs and little else: of them, every 50th character."""
    codes = [*range(0x20000), *range(0x20000, 0x110000, 50), *range(0x2F800, 0x2FA20)]
    characters = [chr(code) for code in codes if not 0xD800 <= code < 0xE000]
    step = 64
    given = [
        "".join(f"{c} a{c}B'{c}é{c}\u0323 " for c in characters[at : at + step])
        for at in range(0, len(characters), step)
    ]
    for normalizer in (N.BertNormalizer(), N.NFC(), N.NFKD()):
        check(of_parts(normalizer, P.Whitespace()), tmp_path, given)
    check(KINDS["llama3"](), tmp_path, given)
