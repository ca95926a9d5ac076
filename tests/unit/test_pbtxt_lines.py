"""Where the keys of a config.pbtxt stand."""

import pytest

from server.config.lines import Location
from server.config.pbtxt_lines import index_lines


@pytest.mark.parametrize(
    ("text", "location", "line"),
    [
        ('# name: "x"\nplatform: "name: "\nname : "y"', ("name",), 3),
        ('name: "a" \'b\' # c\n "d" max_batch_size: 3', ("max_batch_size",), 2),
        ("name: 'a\\'b' # it's\nbackend: ''", ("backend",), 2),
        (
            "input { name: '}{#' }\ninput: <\ndims: 1; dims: 2,\ndims: 3 >",
            ("input", 1, "dims", 2),
            4,
        ),
        ("input [ { },\n{\ndims: [\n1,\n2 ] } ]", ("input", 1, "dims", 1), 5),
        ("input [ ]\noutput { }", ("output", 0), 2),
        ("parameters {\nkey: 'a' }\nparameters { value { }\nkey: 'b' }", ("parameters", "b"), 3),
        (
            "model_warmup { inputs {\nvalue {\ndims: 1 } key: 'key' } }",
            ("model_warmup", 0, "inputs", "key", "dims"),
            3,
        ),
        (
            "dynamic_batching { priority_queue_policy { key: 2\nvalue { max_queue_size: 1 } } }",
            ("dynamic_batching", "priority_queue_policy", 2, "max_queue_size"),
            2,
        ),
        ("optimization {\ngraph { level: -1 } }", ("optimization", "graph", "level"), 2),
    ],
)
def test_a_location_has_the_line_it_was_written_on(
    text: str, location: Location, line: int
) -> None:
    lines = index_lines(text)
    assert location in lines
    assert lines.of(location) == line


def test_what_was_not_written_is_placed_at_what_holds_it() -> None:
    lines = index_lines("\ninput {\n}")
    assert lines.of(("input", 0, "dims")) == 2
    assert lines.of(("output", 0)) is None
    assert lines.of(()) is None


def test_a_key_is_found_wherever_it_stands() -> None:
    lines = index_lines("model_transaction_policy {\ndecoupled: true }")
    assert lines.of_key("decoupled") == 2
    assert lines.of_key("backend") is None
