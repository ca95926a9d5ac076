"""What ends work that is under way when the server is told to stop."""


class StoppedError(Exception):
    """The server is shutting down: what was asked for is not wanted any more."""
