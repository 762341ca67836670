"""The exchange simulator: venues on loopback that speak their exchange's own wire format.

    async with Simulator(SimSettings(symbols=("BTC", "ETH"))) as sim:
        sim.venues["binance"].rest_url

A seeded market whose truth is known, or a recorded tape, with faults on request. It is written
from the wire reference and knows no adapter, so that a misreading in one cannot hide here.
"""

from perps_stats.sim.counters import Counters
from perps_stats.sim.facts import Truth
from perps_stats.sim.server import HEADER, Simulator, Venue
from perps_stats.sim.settings import SimSettings

__all__ = ["HEADER", "Counters", "SimSettings", "Simulator", "Truth", "Venue"]
