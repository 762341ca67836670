"""The WebSocket face: what is known now, to everybody who asked for it, as it changes."""

from perps_stats.api.live.clients import Limits
from perps_stats.api.live.connection import PATH, protocol_of
from perps_stats.api.live.hub import Hub

__all__ = ["PATH", "Hub", "Limits", "protocol_of"]
