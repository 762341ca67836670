"""Aster: Binance's dialect at another address. https://github.com/asterdex/api-docs

One path serves all streams; trades are told in aggregates; funding parameters have other names; no
document knows a history of open interest.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from msgspec import field

from perps_stats.exchanges.binance import BINANCE, past, rest, wire
from perps_stats.exchanges.binance.stream import STREAMS, listening
from perps_stats.exchanges.events import Channel

PATH = "/ws"
NAMES = {channel: name for channel, (name, _, _) in STREAMS.items()} | {Channel.TRADES: "aggTrade"}


class FundingInfo(wire.FundingInfo):
    funding_rate_cap_floor: Decimal = field(name="fundingFeeCap")
    funding_rate_floor: Decimal = field(name="fundingFeeFloor")


ASTER = replace(
    BINANCE,
    name="aster",
    rest=replace(BINANCE.rest, url="https://fapi.asterdex.com"),
    quotes=("USDT", "USD1", "USDF"),
    markets=partial(rest.markets, info_row=FundingInfo),
    newest_trades=0,
    trades_between=past.aggregated_between,
    fills=None,
    interest_history=None,
    funding=partial(rest.funding, info_row=FundingInfo),
    stats=partial(rest.stats, info_row=FundingInfo),
    all_stats=partial(rest.all_stats, info_row=FundingInfo),
    stream=listening(
        "wss://fstream.asterdex.com",
        {channel: (name, PATH, STREAMS[channel][2]) for channel, name in NAMES.items()},
        per_connection=200,
        verifiable=frozenset({Channel.ORDERBOOK}),
    ),
)
