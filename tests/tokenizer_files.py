"""Tokenizers of every supported kind, trained on texts that every Debian machine has."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

ROOT = Path(__file__).resolve().parents[1]
LICENSES = Path("/usr/share/common-licenses")
SCRIPTS = "Größe naïve café Straße İstanbul привет мир 你好世界 こんにちは नमस्ते العربية 한국어 שלום"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace("{1,3}", "")
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


@cache
def lines() -> tuple[str, ...]:
    """Lines of this repository's documents and of the machine's licenses."""
    files = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    files += [file for file in sorted(LICENSES.glob("*")) if file.is_file()]
    found = [line for file in files for line in file.read_text(errors="replace").splitlines()]
    return tuple(line for line in [*found, *[SCRIPTS] * 20] if line.strip())


def bert(lowercase: bool) -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(
        vocab_size=8000, special_tokens=special, show_progress=False
    )
    made.train_from_iterator(lines(), trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def byte_level(
    pre_tokenizer: pre_tokenizers.PreTokenizer, ignore_merges: bool = False
) -> Tokenizer:
    made = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    made.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=8000,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=SPECIAL,
        show_progress=False,
    )
    made.train_from_iterator(lines(), trainer)
    made.add_tokens([AddedToken("Zauberwort", single_word=True)])
    made.add_tokens([AddedToken("  ", normalized=False, rstrip=True)])
    return made


def gpt2() -> Tokenizer:
    made = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    return made


def roberta() -> Tokenizer:
    made = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    made.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return made


def split_bytes(pattern: str, ignore_merges: bool) -> Tokenizer:
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    alphabet = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return byte_level(pre_tokenizers.Sequence([split, alphabet]), ignore_merges)


def llama3() -> Tokenizer:
    made = split_bytes(LLAMA3, ignore_merges=True)
    begin = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    made.post_processor = processors.Sequence([processors.ByteLevel(), begin])
    return made


def qwen2() -> Tokenizer:
    made = split_bytes(QWEN2, ignore_merges=False)
    made.normalizer = normalizers.NFC()
    return made


def sentencepiece() -> Tokenizer:
    """As Llama 2: blanks become U+2581, unknown characters bytes."""
    made = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    made.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    special = ["<unk>", "<s>", "</s>"]
    trainer = trainers.BpeTrainer(
        vocab_size=6000,
        special_tokens=special + [f"<0x{byte:02X}>" for byte in range(256)],
        limit_alphabet=200,
        show_progress=False,
    )
    made.train_from_iterator(lines(), trainer)
    content = json.loads(made.to_str())
    content["added_tokens"] = content["added_tokens"][: len(special)]
    return Tokenizer.from_str(json.dumps(content))


KINDS: dict[str, Callable[[], Tokenizer]] = {
    "bert-uncased": lambda: bert(True),
    "bert-cased": lambda: bert(False),
    "gpt2": gpt2,
    "roberta": roberta,
    "llama3": llama3,
    "qwen2": qwen2,
    "sentencepiece": sentencepiece,
}


def of_parts(
    normalizer: normalizers.Normalizer | None, pre_tokenizer: pre_tokenizers.PreTokenizer | None
) -> Tokenizer:
    """A small vocabulary behind the two parts; most characters are unknown to it, one by one."""
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    if normalizer is not None:
        made.normalizer = normalizer
    if pre_tokenizer is not None:
        made.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(vocab_size=3000, special_tokens=SPECIAL, show_progress=False)
    made.train_from_iterator((*lines()[::5], SCRIPTS), trainer)
    return made
