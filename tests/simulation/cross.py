"""A frame of a book that crosses it, in each venue's words: a bid far above the best ask."""

import re

from tests.simulation.venue import Venue

from perps_stats.sim.model.source import ModelSource

ABOVE = 1.05
BIDS = {
    "binance": (rb'"b":\[', b'["%b","%b"]'),
    "aster": (rb'"b":\[', b'["%b","%b"]'),
    "lighter": (rb'"bids":\[', b'{"price":"%b","size":"%b"}'),
    "paradex": (rb'"inserts":\[', b'{"side":"BUY","price":"%b","size":"%b"}'),
}
"""Where the list of bids begins, and how one is told."""


def crossing(venue: Venue, topic: str, frame: bytes) -> bytes:
    """The frame with the bid in it; at KuCoin, where a frame is one level, in its place."""
    source = venue.dialect.source(venue.witness.topics[topic].native)
    if not isinstance(source, ModelSource):
        raise TypeError(f"{topic} is of no market that trades")
    coin = source.market.coin
    price = coin.tick.text(round(source.market.touch.ask * ABOVE)).encode()
    size = coin.lot.text(100).encode()
    if venue.name == "kucoin":
        return re.sub(rb'"change":"[^"]*"', b'"change":"%b,buy,100"' % price, frame)
    head, level = BIDS[venue.name]
    bid = level % (price, size)
    return re.sub(head + rb"(?!\])", lambda at: at[0] + bid + b",", frame, count=1) or frame
