"""The REST face: what is kept, as JSON under ``/api/v1``."""

from perps_stats.api.readiness import State
from perps_stats.api.routes import create_app, create_porch, create_probes
from perps_stats.api.server import Door, address_of, listen, serve, serve_on

__all__ = [
    "Door",
    "State",
    "address_of",
    "create_app",
    "create_porch",
    "create_probes",
    "listen",
    "serve",
    "serve_on",
]
