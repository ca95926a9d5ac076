"""What a command needs beyond the server's own dependencies."""

import pytest

from server.making.error import CommandError
from server.making.packages import need_packages


def test_what_is_missing_is_named_with_the_command_that_installs_it() -> None:
    need_packages("import", ["json"], "sklearn")
    message = r"import needs no_such_a, no_such_b, not installed here: pip install 'skein-server\["
    with pytest.raises(CommandError, match=message):
        need_packages("import", ["json", "no_such_a", "no_such_b"], "sklearn")
