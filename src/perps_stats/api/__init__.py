"""The REST face: what is kept, as JSON under ``/api/v1``."""

from perps_stats.api.routes import create_app
from perps_stats.api.server import address_of, listen, serve, serve_on

__all__ = ["address_of", "create_app", "listen", "serve", "serve_on"]
