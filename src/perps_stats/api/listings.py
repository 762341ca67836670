"""What is known and kept, as the records that describe it."""

from datetime import datetime

from perps_stats.core.listings import ExchangeRecord, SymbolRecord, TableRecord
from perps_stats.core.stored import StoredTable
from perps_stats.core.symbols import ccxt_name, full_name
from perps_stats.core.types import Market
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
