"""server.preprocess.Text: what it makes, what it refuses, and what it says about it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from server.config.text_spec import TextConfig
from server.engine import CoreError
from server.preprocess import Text
from server.text_specification import TextError, TextTensor, text_spec

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b", "##b", "c"]
SPECIAL = {"[CLS]": 2, "[SEP]": 3}


def content() -> dict[str, Any]:
    """A small tokenizer.json."""
    special = {
        name: {"id": name, "ids": [number], "tokens": [name]} for name, number in SPECIAL.items()
    }
    single = [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 1}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 2}},
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "special_tokens": special,
        },
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: number for number, token in enumerate(VOCABULARY)},
        },
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, content())


def write(folder: Path, made: dict[str, Any]) -> Path:
    file = folder / "tokenizer.json"
    file.write_text(json.dumps(made))
    return file


def refusal(folder: Path, made: dict[str, Any], **options: Any) -> CoreError:
    with pytest.raises(CoreError) as caught:
        Text(write(folder, made), **{"max_length": 8} | options)
    return caught.value


def test_rows_are_padded_to_the_longest(file: Path) -> None:
    made = Text(file, max_length=8, types=True)(["ab c", b"a", ""])
    assert made["ids"].tolist() == [[2, 4, 6, 7, 3], [2, 4, 3, 0, 0], [2, 3, 0, 0, 0]]
    assert made["mask"].tolist() == [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]]
    assert made["types"].tolist() == [[0, 1, 1, 1, 2], [0, 1, 2, 0, 0], [0, 2, 0, 0, 0]]
    assert {array.dtype for array in made.values()} == {np.dtype(np.int64)}


def test_a_fixed_length_is_kept(file: Path) -> None:
    made = Text(file, datatype="INT32", length=4, mask=False)(["ab c", "a"])
    assert made["ids"].tolist() == [[2, 4, 6, 3], [2, 4, 3, 0]]
    assert made["ids"].dtype == np.int32
    assert list(made) == ["ids"]


def test_no_texts_make_no_rows(file: Path) -> None:
    assert Text(file, max_length=8)([])["ids"].shape == (0, 1)


def test_many_threads_make_the_same_rows(file: Path) -> None:
    text = Text(file, max_length=64, types=True)
    given = ["ab c " * (number % 40) for number in range(1000)]
    one, many = text(given, threads=1), text(given, threads=8)
    for name in ("ids", "mask", "types"):
        assert np.array_equal(one[name], many[name])


def test_truncation_right_left_or_refused(file: Path) -> None:
    def ids(truncation: str) -> Any:
        return Text(file, max_length=4, truncation=truncation)(["a b c"])["ids"].tolist()

    assert ids("right") == [[2, 4, 5, 3]]
    assert ids("left") == [[2, 5, 7, 3]]
    with pytest.raises(CoreError, match=r"text 0: more than 4 tokens, special ones included"):
        ids("error")
    text = Text(file, max_length=5, truncation="error")
    assert text(["a b c"])["ids"].tolist() == [[2, 4, 5, 7, 3]]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"a\xff", 1),
        (b"\xc0\x80", 0),
        (b"ab\xed\xa0\x80", 2),  # a surrogate
        (b"abcdefgh\xe2\x82", 8),  # cut short
        (b"\xf4\x90\x80\x80", 0),  # above U+10FFFF
    ],
)
def test_what_is_not_utf8_is_refused_with_its_place(file: Path, text: bytes, at: int) -> None:
    with pytest.raises(CoreError, match=rf"text 1: not UTF-8: byte {at} belongs") as caught:
        Text(file, max_length=8)([b"a", text])
    assert caught.value.code == "INVALID_ARGUMENT"


def test_a_text_over_max_bytes_is_refused(file: Path) -> None:
    text = Text(file, max_length=8, max_bytes=10)
    assert text(["a" * 10])["ids"].tolist() == [[2, 1, 3]]
    with pytest.raises(CoreError, match=r"text 0: 11 bytes; at most 10 are allowed"):
        text(["a" * 11])


def test_what_is_no_text_is_refused(file: Path) -> None:
    with pytest.raises(TypeError, match="text 1 should be str or bytes"):
        Text(file, max_length=8)(["a", 5])  # type: ignore[list-item]


def test_the_first_text_that_is_wrong_is_named(file: Path) -> None:
    given = [b"a"] * 500
    given[137] = given[499] = b"\xff"
    with pytest.raises(CoreError, match="text 137"):
        Text(file, max_length=8)(given, threads=4)


@pytest.mark.parametrize(
    ("part", "value", "named"),
    [
        ("normalizer", {"type": "Precompiled"}, "normalizer: type 'Precompiled'"),
        (
            "normalizer",
            {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Nmt"}]},
            r"normalizer.normalizers\[1\]: type 'Nmt'",
        ),
        (
            "normalizer",
            {"type": "Replace", "pattern": {"Regex": " +"}, "content": " "},
            "normalizer.pattern: a regular expression",
        ),
        ("pre_tokenizer", {"type": "UnicodeScripts"}, "pre_tokenizer: type 'UnicodeScripts'"),
        (
            "pre_tokenizer",
            {"type": "Split", "pattern": {"Regex": "x+"}, "behavior": "Isolated"},
            "pre_tokenizer.pattern: Regex 'x",
        ),
        ("pre_tokenizer", {"type": "ByteLevel"}, "model: WordPiece after ByteLevel"),
        ("post_processor", {"type": "Other"}, "post_processor: type 'Other'"),
        ("model", {"type": "Unigram"}, "model: type 'Unigram'"),
        ("version", "2.0", "version '2.0'"),
        ("padding", {"direction": "Left"}, "padding: direction 'Left'"),
    ],
)
def test_what_would_give_other_ids_is_refused_by_name(
    tmp_path: Path, part: str, value: Any, named: str
) -> None:
    error = refusal(tmp_path, content() | {part: value})
    assert error.code == "UNIMPLEMENTED"
    with pytest.raises(AssertionError, match=named):
        raise AssertionError(error.message)
    assert "is not supported; supported: " in error.message


def test_wrong_files_are_refused_with_the_place(tmp_path: Path) -> None:
    made = content()
    made["model"]["vocab"]["b"] = -1
    assert "model.vocab.b: should be a whole number" in refusal(tmp_path, made).message
    made = content()
    made["model"]["unk_token"] = "<unk>"
    assert "unk_token '<unk>' is not in the vocabulary" in refusal(tmp_path, made).message
    made = content()
    del made["model"]["vocab"]
    assert "model: 'vocab' is missing" in refusal(tmp_path, made).message
    made = content()
    made["added_tokens"] = [{"id": 9, "content": "new"}]
    assert "has id 9, but loading this file numbers it 8" in refusal(tmp_path, made).message
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(CoreError, match=r"tokenizer\.json: tokenizer file: not JSON"):
        Text(tmp_path / "tokenizer.json", max_length=8)


def test_a_merge_needs_its_tokens(tmp_path: Path) -> None:
    made = content() | {"normalizer": None, "pre_tokenizer": None}
    made["model"] = {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": [["a", "b"]]}
    assert "model.merges[0]: a token, or the two together" in refusal(tmp_path, made).message
    made["model"]["merges"] = ["a b c"]
    assert "model.merges[0]: should be two tokens with one space" in refusal(tmp_path, made).message


def test_max_length_is_needed_and_has_room(tmp_path: Path) -> None:
    assert "max_length is missing" in refusal(tmp_path, content(), max_length=None).message
    assert "max_length 2 should be over 2" in refusal(tmp_path, content(), max_length=2).message
    made = content() | {"truncation": {"max_length": 5, "direction": "Left"}}
    text = Text(write(tmp_path, made))
    assert text.max_length == 5
    assert text(["a b c a"])["ids"].tolist() == [[2, 5, 7, 4, 3]]


def test_options_are_strict(file: Path) -> None:
    with pytest.raises(ValueError, match="max_lenth"):
        Text(file, max_lenth=8)
    with pytest.raises(ValueError, match="truncation"):
        Text(file, max_length=8, truncation="middle")


def test_inputs_have_to_fit() -> None:
    config = TextConfig(max_length=16)
    ids = TextTensor("INT64", (-1, 8))
    with pytest.raises(TextError, match="16 should be at most 8"):
        text_spec(config, ids)
    with pytest.raises(TextError, match="the input is FP32; tokens become INT64 or INT32"):
        text_spec(config, TextTensor("FP32", (-1,)))
    with pytest.raises(TextError, match=r"shape \[3, 8\]; a text needs one dimension"):
        text_spec(config, TextTensor("INT64", (3, 8)))
    with pytest.raises(TextError, match=r"has the shape \[-1\], but the ids \[-1, 8\]") as caught:
        text_spec(TextConfig(), ids, mask=TextTensor("INT64", (-1,)))
    assert caught.value.at == ("mask",)
