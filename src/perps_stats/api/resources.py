"""What can be asked for: one description a resource, read by the routes and by the OpenAPI text."""

from perps_stats.api import parameters as says
from perps_stats.api.derived.resources import COMPARISONS, HISTORIES
from perps_stats.api.kinds import (
    BOOKS,
    LATEST,
    MARKETS,
    PAGE,
    PERIOD,
    SPAN,
    History,
    ReadLatest,
    Records,
    Resource,
    Rows,
)
from perps_stats.core import catalogue
from perps_stats.core.figures import Coverage
from perps_stats.core.ledger import StreamCoverage
from perps_stats.core.listings import ExchangeRecord, SymbolRecord, TableRecord
from perps_stats.core.types import Market

__all__ = ["RESOURCES", "SPANS", "History", "ReadLatest", "Records", "Resource", "Rows"]

LISTS: tuple[Records, ...] = (
    Records(
        path="exchanges",
        row=ExchangeRecord,
        key=("exchange",),
        meaning="exchanges: what they offer, and whether their stored data is simulated",
        read=lambda sources, choice, _: sources.exchanges(choice),
        parameters=(says.EXCHANGE, *PAGE),
    ),
    Records(
        path="symbols",
        row=SymbolRecord,
        key=("exchange", "symbol"),
        meaning="every name by which a filter may call a market",
        read=lambda sources, choice, _: sources.symbols(choice),
        parameters=LATEST,
    ),
    Records(
        path="markets",
        row=Market,
        key=("exchange", "symbol"),
        meaning="perpetual contracts and their rules",
        read=lambda sources, choice, _: sources.markets(choice),
        parameters=LATEST,
    ),
    Records(
        path="stats",
        row=TableRecord,
        key=("data_set",),
        meaning="how much of each data set is kept, and how old its newest row is",
        read=lambda sources, _choice, _: sources.tables(),
        parameters=PAGE,
        time="last",
    ),
    Records(
        path="coverage",
        row=Coverage,
        key=("exchange", "symbol", "data_set", "interval", "kind"),
        meaning="what is held of each series, and every hole in it",
        read=lambda sources, choice, filters: sources.coverage(choice, filters),
        parameters=(*MARKETS, says.DATA, says.INTERVALS_OF, says.START, says.END, *PAGE),
        time="last",
        by_market=True,
    ),
    Records(
        path="coverage/streams",
        row=StreamCoverage,
        key=("exchange", "symbol", "stream", "start"),
        meaning="for how long each stream was verified, unverifiable, in a gap, not collected",
        read=lambda sources, choice, filters: sources.stream_coverage(choice, filters),
        parameters=(*MARKETS, says.STREAM, says.BY, says.START, says.END, *PAGE),
        by_market=True,
    ),
)

SPANS: tuple[Rows, ...] = (
    Rows(path="tickers/history", data_set=catalogue.TICKERS),
    Rows(
        path="orderbooks/history",
        data_set=catalogue.ORDERBOOKS,
        parameters=(*PERIOD, says.OFFSET, *BOOKS),
    ),
    Rows(path="trades", data_set=catalogue.TRADES),
    Rows(path="liquidity/history", data_set=catalogue.LIQUIDITY),
    Rows(path="liquidity/averages", data_set=catalogue.LIQUIDITY_AVERAGES),
    Rows(
        path="slippage/history",
        data_set=catalogue.SLIPPAGE,
        parameters=(*SPAN, says.SIDE, says.AMOUNT),
    ),
    Rows(
        path="funding-rates",
        data_set=catalogue.FUNDING_RATES,
        parameters=(*SPAN, says.KIND),
    ),
    Rows(path="open-interest", data_set=catalogue.OPEN_INTEREST),
    Rows(
        path="klines",
        data_set=catalogue.KLINES,
        parameters=(*SPAN, says.INTERVAL),
    ),
    Rows(
        path="liquidations",
        data_set=catalogue.LIQUIDATIONS,
        parameters=(*SPAN, says.FORCED_SIDE),
    ),
    Rows(
        path="gaps",
        data_set=catalogue.GAPS,
        parameters=(*SPAN, says.STREAM, says.CAUSE, says.OPEN, says.UNREPAIRED),
    ),
)

LAST_VALUES: tuple[Rows, ...] = (
    Rows(
        path="tickers",
        data_set=catalogue.TICKERS,
        latest=lambda kept, query: kept.get_latest_tickers(query),
        parameters=LATEST,
    ),
    Rows(
        path="orderbooks",
        data_set=catalogue.ORDERBOOKS,
        latest=lambda kept, query: kept.get_latest_orderbooks(query),
        parameters=(*MARKETS, *BOOKS),
    ),
    Rows(
        path="liquidity",
        data_set=catalogue.LIQUIDITY,
        latest=lambda kept, query: kept.get_latest_liquidity_depth(query),
        parameters=LATEST,
    ),
    Rows(
        path="slippage",
        data_set=catalogue.SLIPPAGE,
        latest=lambda kept, query: kept.get_latest_slippage(query),
        parameters=(*LATEST, says.SIDE, says.AMOUNT),
    ),
)

RESOURCES: tuple[Resource, ...] = (*LISTS, *LAST_VALUES, *SPANS, *COMPARISONS, *HISTORIES)
