"""Records that describe what is known and kept, beside the data sets of the catalogue."""

from datetime import datetime

from msgspec import Struct

from perps_stats.core.stored import StoredTable
from perps_stats.core.symbols import ccxt_name, full_name
from perps_stats.core.types import Market, Number
from perps_stats.exchanges.contract import Exchange

QUESTIONS = (
    "markets",
    "tickers",
    "orderbook",
    "trades",
    "aggregated_trades",
    "klines",
    "funding",
    "funding_history",
    "open_interest",
    "stats",
)


class ExchangeRecord(Struct, frozen=True, kw_only=True):
    """An exchange we can read. ``simulated`` is ``None`` until markets of it are stored."""

    exchange: str
    simulated: bool | None
    markets: int
    """Markets that are stored."""
    offers: list[str]
    """The questions it answers by REST."""
    streams: list[str]
    intervals: list[str]
    quotes: list[str]
    """The quote that a bare symbol means, best first."""
    max_depth: int | None
    """Levels a side that it gives by REST."""


class SymbolRecord(Struct, frozen=True, kw_only=True):
    """Every name by which a filter may call a market."""

    exchange: str
    symbol: str
    contract: str
    native: str
    ccxt: str
    full: str
    base: str
    quote: str
    multiplier: Number
    """Coins per unit of the exchange's base: 1000 for ``1000PEPE``."""


class TableRecord(Struct, frozen=True, kw_only=True):
    """How much of a data set is kept. ``rows`` is the server's estimate unless ``exact``."""

    data_set: str
    rows: int
    exact: bool
    bytes: int
    first: datetime | None
    last: datetime | None
    age_seconds: float | None
    """Since the exchange's time of the newest row."""


def to_symbol(market: Market) -> SymbolRecord:
    return SymbolRecord(
        exchange=market.exchange,
        symbol=market.symbol,
        contract=market.contract,
        native=market.native,
        ccxt=ccxt_name(market),
        full=full_name(market),
        base=market.base,
        quote=market.quote,
        multiplier=market.multiplier,
    )


def to_exchange(
    name: str, exchange: Exchange | None, *, simulated: bool | None, markets: int
) -> ExchangeRecord:
    """``exchange`` is ``None`` where data is stored that this program no longer reads."""
    stream = exchange.stream if exchange else None
    return ExchangeRecord(
        exchange=name,
        simulated=simulated,
        markets=markets,
        offers=[each for each in QUESTIONS if getattr(exchange, each, None) is not None],
        streams=[str(channel) for channel in stream.paths] if stream else [],
        intervals=list(exchange.intervals) if exchange else [],
        quotes=list(exchange.quotes) if exchange else [],
        max_depth=exchange.max_depth if exchange else None,
    )


def to_table(table: StoredTable, now: datetime) -> TableRecord:
    return TableRecord(
        data_set=table.data_set,
        rows=table.rows,
        exact=table.exact,
        bytes=table.bytes,
        first=table.first,
        last=table.last,
        age_seconds=None if table.last is None else (now - table.last).total_seconds(),
    )
