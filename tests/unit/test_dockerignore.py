"""Which files a container build sees."""

from pathlib import Path

import pytest

from tools.container.ignore import Ignore, seen_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("patterns", "left_out", "seen"),
    [
        (["build"], ["build", "build/a/b"], ["builds", "a/build"]),
        (["/build/"], ["build/a"], ["a/build"]),
        (["*.so"], ["a.so"], ["b/a.so"]),
        (["**/*.so"], ["a.so", "b/c/a.so"], ["a.sox"]),
        (["a/**"], ["a/b", "a/b/c"], ["b/a"]),
        (["a?c", "[xy]"], ["abc", "x"], ["ac", "a/c", "z"]),
        (["*", "!keep", "keep/not"], ["other", "keep/not"], ["keep", "keep/this"]),
        (["keep", "!keep/one"], ["keep/two"], ["keep/one"]),
        (["# comment", "", "a+b"], ["a+b"], ["aab"]),
    ],
)
def test_the_last_pattern_that_matches_decides(
    patterns: list[str], left_out: list[str], seen: list[str]
) -> None:
    ignore = Ignore("\n".join(patterns))
    assert [path for path in left_out if not ignore.leaves_out(path)] == []
    assert [path for path in seen if ignore.leaves_out(path)] == []


def test_a_folder_left_out_still_gives_the_file_kept_by_name(tmp_path: Path) -> None:
    for name in ("tools/kept.py", "tools/other.py", "src/a.py", "src/a.so"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    ignore = Ignore("*\n!src\n!tools/kept.py\n**/*.so\n")
    assert list(seen_files(tmp_path, ignore)) == ["src/a.py", "tools/kept.py"]


def test_our_build_sees_sources_only() -> None:
    seen = set(seen_files(ROOT, Ignore.of(ROOT)))
    assert {"pyproject.toml", "README.md", "server/cli.py", "csrc/CMakeLists.txt"} <= seen
    tops = {path.split("/")[0] for path in seen if "/" in path}
    assert tops == {"cmake", "csrc", "proto", "server", "tools"}
    built = (".so", ".pyc", "_pb2.py", "_test.cc", ".onnx")
    assert [path for path in seen if path.endswith(built)] == []
