"""Every REST question of a simulated Binance: its weight, its rules, its answer."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from perps_stats.core.intervals import INTERVALS
from perps_stats.sim.binance import rows
from perps_stats.sim.binance.listing import (
    PERPETUAL,
    SETTLING,
    Contract,
    exchange_info,
    funding_info,
)
from perps_stats.sim.binance.words import FUNDING, MINUTE, STATISTICS
from perps_stats.sim.dialect.asked import Asked, BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.facts import BookFact, Source, Span, Truth

DEPTHS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
"""The limits of ``depth`` that there are, and their weights."""
HOUR_MS = 3_600_000
PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
KEPT_MS = 30 * 24 * HOUR_MS
INTEREST_HISTORY = "/futures/data/openInterestHist"
"""https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/rest-api/Open-Interest-Statistics"""


class Board(Protocol):
    """What the venue lists. ``depth`` may be a body that is already written."""

    def time(self) -> int: ...
    def contracts(self) -> tuple[Contract, ...]: ...
    def source(self, symbol: str) -> Source | None: ...
    def depth(self, symbol: str, limit: int) -> BookFact | bytes | None: ...
    def truth(self, symbol: str) -> Truth: ...


Answer: TypeAlias = Callable[[Board, Asked], object]
Costs: TypeAlias = Callable[[Asked], Mapping[str, int]]


def _symbol(board: Board, asked: Asked) -> tuple[str, Source]:
    symbol = asked.required("symbol")
    source = board.source(symbol)
    if source is None:
        raise Refusal(-1121, "Invalid symbol.")
    return symbol, source


def _one_or_all(row: Callable[[Contract, Source], object]) -> Answer:
    """A row of the symbol asked for, else the rows of all."""

    def answer(board: Board, asked: Asked) -> object:
        listed = {contract.symbol: contract for contract in board.contracts()}
        if asked.text("symbol") is not None:
            symbol, source = _symbol(board, asked)
            return row(listed[symbol], source)
        sources = {symbol: board.source(symbol) for symbol in listed}
        return [row(listed[symbol], source) for symbol, source in sources.items() if source]

    return answer


def _span(asked: Asked, default: int, most: int) -> Span:
    start, end = asked.whole("startTime"), asked.whole("endTime")
    return Span(start, end, asked.limit(default, most))


def _exchange_info(board: Board, _: Asked) -> object:
    return exchange_info(board.contracts(), board.time())


def _funding_info(board: Board, _: Asked) -> object:
    return funding_info(board.contracts())


def _funding_rate(board: Board, asked: Asked) -> object:
    """Ascending; of all symbols where none is named. Dated contracts pay none."""
    span = _span(asked, 100, 1000)
    if asked.text("symbol") is not None:
        _symbol(board, asked)
    wanted = asked.text("symbol")
    settled = [
        (settlement.time, rows.settlement(contract, settlement))
        for contract in board.contracts()
        if contract.kind == PERPETUAL and wanted in {None, contract.symbol}
        for source in (board.source(contract.symbol),)
        if source is not None
        for settlement in source.settlements(span)
    ]
    ordered = [row for _, row in sorted(settled, key=lambda pair: pair[0])]
    return ordered[: span.limit] if span.start is not None else ordered[-span.limit :]


def _open_interest(board: Board, asked: Asked) -> object:
    symbol, source = _symbol(board, asked)
    if any(c.symbol == symbol and c.status == SETTLING for c in board.contracts()):
        raise Refusal(
            -4108, "Symbol is on delivering or delivered or settling or closed or pre-trading."
        )
    quantity, time = source.open_interest()
    return {"openInterest": quantity, "symbol": symbol, "time": time}


def _interest_history(board: Board, asked: Asked) -> object:
    """Ascending, the newest of the span; of the last 30 days alone."""
    symbol, source = _symbol(board, asked)
    period = asked.required("period")
    if period not in PERIODS:
        raise BadParameter("period", Flaw.OUT_OF_RANGE)
    span, oldest = _span(asked, 30, 500), board.time() - KEPT_MS
    if span.start is not None and span.start < oldest:
        raise BadParameter("startTime", Flaw.OUT_OF_RANGE)
    first = oldest if span.start is None else span.start
    (contract,) = (each for each in board.contracts() if each.symbol == symbol)
    found = source.interests(period, Span(None, span.end, span.limit))
    return [rows.interest(contract, fact) for fact in found if fact.time >= first]


def _depth(board: Board, asked: Asked) -> object:
    symbol, _ = _symbol(board, asked)
    limit = asked.whole("limit")
    limit = 500 if limit is None else limit
    if limit not in DEPTHS:
        allowed = ", ".join(map(str, DEPTHS))
        raise Refusal(-4021, f"Depth limit '{limit}' is not valid; it is one of {allowed}.")
    book = board.depth(symbol, limit)
    if book is None:
        raise Refusal(-1001, "No book is known for this symbol.", 503)
    return book if isinstance(book, bytes) else rows.depth(book)


def _klines(board: Board, asked: Asked) -> object:
    _, source = _symbol(board, asked)
    interval = asked.required("interval")
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    return [rows.kline(bar) for bar in source.bars(interval, _span(asked, 500, 1500))]


def _trades(board: Board, asked: Asked) -> object:
    _, source = _symbol(board, asked)
    return [rows.trade(trade) for trade in source.trades(asked.limit(500, 1000))]


def _aggregates(board: Board, asked: Asked) -> object:
    _, source = _symbol(board, asked)
    span = _span(asked, 500, 1000)
    if span.start is not None and span.end is not None and span.end - span.start > HOUR_MS:
        raise Refusal(-1127, "More than 1 hours between startTime and endTime.")
    return [rows.aggregate(one) for one in source.aggregates(span, asked.whole("fromId"))]


def _time(board: Board, _: Asked) -> object:
    return {"serverTime": board.time()}


def _fixed(weight: int) -> Costs:
    return lambda _: {MINUTE: weight}


def _by_symbol(one: int, every: int) -> Costs:
    return lambda asked: {MINUTE: one if asked.text("symbol") else every}


def _funding_cost(_: Asked) -> Mapping[str, int]:
    return {FUNDING: 1}


def _sent_limit(asked: Asked) -> int:
    """What the weight is counted by, before anything is checked."""
    text = asked.text("limit")
    return int(text) if text and text.isdigit() else 500


def _kline_cost(asked: Asked) -> Mapping[str, int]:
    limit = _sent_limit(asked)
    bounds = ((100, 1), (500, 2), (1001, 5), (limit + 1, 10))
    return {MINUTE: next(weight for below, weight in bounds if limit < below)}


def _depth_cost(asked: Asked) -> Mapping[str, int]:
    return {MINUTE: DEPTHS.get(_sent_limit(asked), 1)}


def _question(answer: Answer, costs: Costs, *, is_book: bool = False) -> Question[Board]:
    return Question(answer=answer, costs=costs, is_book=is_book)


QUESTIONS = {
    "/fapi/v1/ping": _question(lambda _, __: {}, _fixed(1)),
    "/fapi/v1/time": _question(_time, _fixed(1)),
    "/fapi/v1/exchangeInfo": _question(_exchange_info, _fixed(1)),
    "/fapi/v1/ticker/24hr": _question(_one_or_all(rows.day), _by_symbol(1, 40)),
    "/fapi/v1/ticker/bookTicker": _question(_one_or_all(rows.top), _by_symbol(2, 5)),
    "/fapi/v1/premiumIndex": _question(_one_or_all(rows.premium), _by_symbol(1, 10)),
    "/fapi/v1/fundingInfo": _question(_funding_info, _funding_cost),
    "/fapi/v1/fundingRate": _question(_funding_rate, _funding_cost),
    "/fapi/v1/openInterest": _question(_open_interest, _fixed(1)),
    INTEREST_HISTORY: _question(_interest_history, lambda _: {STATISTICS: 1}),
    "/fapi/v1/depth": _question(_depth, _depth_cost, is_book=True),
    "/fapi/v1/klines": _question(_klines, _kline_cost),
    "/fapi/v1/trades": _question(_trades, _fixed(5)),
    "/fapi/v1/aggTrades": _question(_aggregates, _fixed(20)),
}
