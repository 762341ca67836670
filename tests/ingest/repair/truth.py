"""The trades of a simulated venue, under the ids that its stream tells."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from perps_stats.core.spans import Span
from perps_stats.core.times import to_ms
from perps_stats.core.types import Market, Trade
from perps_stats.sim.facts import AggregateFact, Source, TradeFact
from perps_stats.sim.facts import Span as Milliseconds
from perps_stats.sim.paradex import rows as paradex
from perps_stats.sim.server import Venue

Told: TypeAlias = tuple[str, int, Decimal, Decimal, str]
"""Id, time in ms, price, quantity in base coin, the taker's side."""
MANY = 50_000


def kept(trade: Trade) -> Told:
    time = to_ms(trade.timestamp)
    return trade.id, time, trade.price, trade.quantity, trade.side.value


def true_trades(venue: Venue, market: Market, span: Span) -> list[Told]:
    """Those of the half-open span, in the order of time."""
    source = venue.source(market.native)
    bounds = Milliseconds(to_ms(span.start), to_ms(span.end) - 1, MANY)
    name = NAMES.get(market.exchange)
    if name is not None:
        return [_told(name(market, fact), fact) for fact in source.aggregates(bounds, None)]
    return [_told(_number(market, fact), fact) for fact in _singles(source, bounds)]


def _singles(source: Source, bounds: Milliseconds) -> list[TradeFact]:
    start, end = bounds.start or 0, bounds.end or 0
    return [fact for fact in source.trades(MANY) if start <= fact.time <= end]


def _told(name: str, fact: AggregateFact | TradeFact) -> Told:
    side = "sell" if fact.maker_buys else "buy"
    return name, fact.time, Decimal(fact.price), Decimal(fact.quantity), side


def _number(market: Market, fact: TradeFact) -> str:
    """Lighter counts over all markets: here by the number of the market."""
    return str(fact.id * 4096 + int(market.wire_id or 0) if market.wire_id else fact.id)


def _paradex(market: Market, fact: AggregateFact) -> str:
    row = paradex.trade(market.native, fact)
    return str(row["id"]) if row["trade_type"] == "FILL" else f"{row['trade_type']}:{row['id']}"


NAMES: dict[str, Callable[[Market, AggregateFact], str]] = {
    "aster": lambda _market, fact: f"a{fact.id}",
    "paradex": _paradex,
}
"""Of the venues whose stream tells aggregates."""
