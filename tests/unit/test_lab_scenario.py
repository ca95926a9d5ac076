"""Scenario files of the laboratory: those of the project are right, mistakes are named."""

from pathlib import Path

import pytest

from benchmarks.lab import scenario_file
from benchmarks.lab.scenario_file import ScenarioError

VALID = """
kind: overload
about: words
models:
- name: net
  graph: {form: mlp, sizes: [4, 2]}
  config: {max_batch_size: 8}
goodput: 0.9
late: 0.01
"""


def mistakes(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        scenario_file.read(path)
    return str(caught.value).replace(f"{path}: ", "")


@pytest.mark.parametrize("name", scenario_file.names())
def test_a_scenario_of_the_project_is_valid(name: str) -> None:
    scenario = scenario_file.read(scenario_file.find(name))
    assert scenario.hastened().seconds <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("late: 0.01", "late: 1.5"), "late: 1.5: Input should be less than 1"),
        (("late: 0.01", "latte: 0.01"), "latte: 0.01: Extra inputs are not permitted"),
        (("goodput: 0.9\n", ""), "goodput: Field required"),
        (("sizes: [4, 2]", "sizes: [4]"), "models[0].graph.sizes: Tuple should have at least 2"),
        (("sizes: [4, 2]", "sizes: [4, two]"), "models[0].graph.sizes[1]: 'two': Input should be"),
        (("form: mlp", "form: mlb"), "models[0].graph: Input tag 'mlb' found using 'form' does"),
        (("name: net", "name: my net"), "models[0].name: 'my net': String should match pattern"),
        (("kind: overload", "kind: overlode"), "the file: Input tag 'overlode'"),
        (("kind: overload", "kind: spike"), "most_ms: Field required"),
        (("kind: overload", "kind: ["), "this is not YAML"),
    ],
)
def test_a_mistake_is_named_with_key_and_value(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    assert message in mistakes(tmp_path, VALID.replace(*change))


def test_every_mistake_is_told(tmp_path: Path) -> None:
    told = mistakes(tmp_path, VALID.replace("late: 0.01", "late: no\nseconds: 0"))
    assert [line.partition(":")[0] for line in told.splitlines()] == ["seconds", "late"]


def test_the_ideal_server_must_know_the_batch_size(tmp_path: Path) -> None:
    text = VALID.replace("kind: overload", "kind: ideal\nloads: [{fraction: 0.5, most: 2}]")
    text = text.replace("goodput: 0.9\nlate: 0.01\n", "")
    assert "the ideal server needs instance_count in net's config" in mistakes(tmp_path, text)


def test_arrivals_that_nobody_knows_are_a_mistake(tmp_path: Path) -> None:
    text = VALID.replace("kind: overload", "kind: ideal\narrivals: poison")
    assert "arrivals 'poison': expected" in mistakes(tmp_path, text)


def test_a_name_that_is_no_scenario_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        ScenarioError, match=r"no scenario 'ideals': give a \.yaml file, or .*ideal"
    ):
        scenario_file.find("ideals")
