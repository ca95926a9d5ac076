"""Desired and actual -> actions."""

import pytest

from server.reconcile import Action, Key, Load, Unload, plan


@pytest.mark.parametrize(
    ("desired", "actual", "actions"),
    [
        ({}, {}, []),
        ({("a", 1): "x"}, {}, [Load("a", 1)]),
        ({("a", 1): "x"}, {("a", 1): "x"}, []),
        ({("a", 1): "y"}, {("a", 1): "x"}, [Load("a", 1)]),
        ({}, {("a", 1): "x"}, [Unload("a", 1)]),
        ({("a", 2): "x"}, {("a", 1): "x"}, [Load("a", 2), Unload("a", 1)]),
        (
            {("b", 1): "x", ("a", 2): "x", ("a", 1): "x"},
            {("c", 1): "x", ("b", 1): "x"},
            [Load("a", 1), Load("a", 2), Unload("c", 1)],
        ),
    ],
)
def test_plan(desired: dict[Key, str], actual: dict[Key, str], actions: list[Action]) -> None:
    assert plan(desired, actual) == actions
