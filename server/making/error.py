"""What ends a command."""


class CommandError(Exception):
    """One line: what is wrong, where, and how to mend it."""
