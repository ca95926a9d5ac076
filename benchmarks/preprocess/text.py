"""Texts: whether they become the token ids that Hugging Face tokenizers makes, and how fast, beside
that package on one thread.

Both get the same 128-byte texts from the documents that the vocabulary was trained on, and both
keep the words that they met. Ours is the library, which ends in arrays; the other side ends in
lists of its encodings. Rounds take turns, ratios are medians of the rounds' own.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tokenizers import Tokenizer

from benchmarks.figures import Figure, at_least, at_most
from server.preprocess import Text
from tests.tokenizer_files import KINDS, lines
from tests.varied_texts import texts

ROUNDS = 7
SIZE = 128  # bytes of a text
BATCH = 32
COUNT = 1024  # texts of one round at least
LONGEST = 512  # tokens
TIMED = ("bert-uncased", "gpt2", "roberta", "llama3")
TARGET = 3.0  # times as fast


def figures(seconds: float) -> Iterator[Figure]:
    """`seconds`: of each side of a round."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    with tempfile.TemporaryDirectory() as folder:
        for kind, make in KINDS.items():
            tokenizer = make()
            text = library(tokenizer, Path(folder))
            given = texts(10_000 if seconds > 0.1 else 500, lines())
            yield Figure(
                f"text {kind}",
                f"of {len(given)} varied texts, with other ids",
                differing(tokenizer, text, given),
                target=at_most(0),
            )
            if kind in TIMED:
                yield from timed(kind, tokenizer, text, seconds)


def library(tokenizer: Tokenizer, folder: Path) -> Text:
    file = folder / "tokenizer.json"
    tokenizer.save(str(file))
    tokenizer.enable_truncation(LONGEST)
    return Text(file, max_length=LONGEST)


def differing(tokenizer: Tokenizer, text: Text, given: Sequence[str]) -> int:
    wrong = 0
    for at in range(0, len(given), BATCH):
        part = list(given[at : at + BATCH])
        made = text(part, threads=1)
        lengths = made["mask"].sum(axis=1)
        for row, expected in enumerate(tokenizer.encode_batch(part)):
            wrong += made["ids"][row, : lengths[row]].tolist() != expected.ids
    return wrong


def pieces() -> list[str]:
    """All the documents in ASCII, cut into texts of SIZE bytes."""
    whole = " ".join(line.strip() for line in lines() if line.isascii())
    found = [whole[at : at + SIZE] for at in range(0, len(whole) - SIZE, SIZE)]
    step = max(len(found) // COUNT, 1)
    return found[::step]


def timed(kind: str, tokenizer: Tokenizer, text: Text, seconds: float) -> Iterator[Figure]:
    given = pieces()
    batches = [given[at : at + BATCH] for at in range(0, len(given), BATCH)]
    ways: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        f"in batches of {BATCH}": (
            lambda: [text(batch, threads=1) for batch in batches],
            lambda: [tokenizer.encode_batch(batch) for batch in batches],
        ),
        f"in batches of {BATCH}, theirs without offsets": (
            lambda: [text(batch, threads=1) for batch in batches],
            lambda: [tokenizer.encode_batch_fast(batch) for batch in batches],
        ),
        "one by one": (
            lambda: [text([each], threads=1) for each in given],
            lambda: [tokenizer.encode(each) for each in given],
        ),
        f"{len(given)} in one call": (
            lambda: text(given, threads=1),
            lambda: tokenizer.encode_batch(given),
        ),
    }
    for name, (ours, theirs) in ways.items():
        rounds = [
            (per_text(ours, len(given), seconds), per_text(theirs, len(given), seconds))
            for _ in range(ROUNDS)
        ]
        scenario = f"text {kind}"
        yield Figure(scenario, f"{name}, ours", median(mine for mine, _ in rounds), "us")
        yield Figure(scenario, f"{name}, tokenizers", median(other for _, other in rounds), "us")
        ratio = median(other / mine for mine, other in rounds)
        yield Figure(scenario, f"{name}, times as fast", ratio, target=at_least(TARGET))


def per_text(run: Callable[[], Any], count: int, seconds: float) -> float:
    """Microseconds of processor time; the first run is not counted."""
    run()
    start, runs = time.thread_time(), 0
    while (spent := time.thread_time() - start) < seconds or runs == 0:
        run()
        runs += 1
    return spent / runs / count * 1e6
