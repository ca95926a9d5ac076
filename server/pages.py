"""What the HTTP port serves."""

from collections.abc import Callable

from server.http import Page, Reply
from server.registry import Registry

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def pages(registry: Registry, render_metrics: Callable[[], bytes]) -> dict[str, Page]:
    """Path -> page."""

    def metrics() -> Reply:
        return Reply(200, render_metrics(), METRICS_TYPE)

    def live() -> Reply:
        return Reply(200, b"live\n")

    def ready() -> Reply:
        if registry.server_ready:
            return Reply(200, b"ready\n")
        return Reply(503, b"draining\n" if registry.draining else b"loading\n")

    return {"/metrics": metrics, "/v2/health/live": live, "/v2/health/ready": ready}
