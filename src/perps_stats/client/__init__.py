"""The client of a running perps-stats: typed rows, tables, streams."""

from perps_stats.client.answers import Answer, AsyncAnswer, Meta, Page
from perps_stats.client.clients import AsyncClient, Client
from perps_stats.client.stream import Missed, Stream

__all__ = ["Answer", "AsyncAnswer", "AsyncClient", "Client", "Meta", "Missed", "Page", "Stream"]
