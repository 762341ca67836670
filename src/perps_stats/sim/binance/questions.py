"""Every REST question of a simulated Binance: its weight, its rules, its answer."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from msgspec import Struct

from perps_stats.core.intervals import INTERVALS
from perps_stats.sim.binance import rows
from perps_stats.sim.binance.listing import (
    PERPETUAL,
    SETTLING,
    Contract,
    exchange_info,
    funding_info,
)
from perps_stats.sim.binance.params import Params, Refusal
from perps_stats.sim.facts import BookFact, Source, Span

DEPTHS = {5: 2, 10: 2, 20: 2, 50: 2, 100: 5, 500: 10, 1000: 20}
"""The limits of ``depth`` that there are, and their weights."""
HOUR_MS = 3_600_000


class Board(Protocol):
    """What the venue lists. ``depth`` may be a body that is already written."""

    def time(self) -> int: ...
    def contracts(self) -> list[Contract]: ...
    def source(self, symbol: str) -> Source | None: ...
    def depth(self, symbol: str, limit: int) -> BookFact | bytes | None: ...


Answer: TypeAlias = Callable[[Board, Params], object]
"""Something to encode, or a body. Raises ``Refusal``."""


class Question(Struct, frozen=True):
    answer: Answer
    weight: Callable[[Params], int]
    funding: bool = False
    """Whether it is counted in the funding pool."""


def _symbol(board: Board, params: Params) -> tuple[str, Source]:
    symbol = params.required("symbol")
    source = board.source(symbol)
    if source is None:
        raise Refusal(-1121, "Invalid symbol.")
    return symbol, source


def _one_or_all(row: Callable[[Contract, Source], object]) -> Answer:
    """A row of the symbol asked for, else the rows of all."""

    def answer(board: Board, params: Params) -> object:
        listed = {contract.symbol: contract for contract in board.contracts()}
        if params.text("symbol") is not None:
            symbol, source = _symbol(board, params)
            return row(listed[symbol], source)
        sources = {symbol: board.source(symbol) for symbol in listed}
        return [row(listed[symbol], source) for symbol, source in sources.items() if source]

    return answer


def _span(params: Params, default: int, most: int) -> Span:
    start, end = params.whole("startTime"), params.whole("endTime")
    return Span(start, end, params.limit(default, most))


def _exchange_info(board: Board, _: Params) -> object:
    return exchange_info(board.contracts(), board.time())


def _funding_info(board: Board, _: Params) -> object:
    return funding_info(board.contracts())


def _funding_rate(board: Board, params: Params) -> object:
    """Ascending; of all symbols where none is named. Dated contracts pay none."""
    span = _span(params, 100, 1000)
    if params.text("symbol") is not None:
        _symbol(board, params)
    wanted = params.text("symbol")
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


def _open_interest(board: Board, params: Params) -> object:
    symbol, source = _symbol(board, params)
    if any(c.symbol == symbol and c.status == SETTLING for c in board.contracts()):
        raise Refusal(
            -4108, "Symbol is on delivering or delivered or settling or closed or pre-trading."
        )
    quantity, time = source.open_interest()
    return {"openInterest": quantity, "symbol": symbol, "time": time}


def _depth(board: Board, params: Params) -> object:
    symbol, _ = _symbol(board, params)
    asked = params.whole("limit")
    limit = 500 if asked is None else asked
    if limit not in DEPTHS:
        allowed = ", ".join(map(str, DEPTHS))
        raise Refusal(-4021, f"Depth limit '{limit}' is not valid; it is one of {allowed}.")
    book = board.depth(symbol, limit)
    if book is None:
        raise Refusal(-1001, "No book is known for this symbol.", 503)
    return book if isinstance(book, bytes) else rows.depth(book)


def _klines(board: Board, params: Params) -> object:
    _, source = _symbol(board, params)
    interval = params.required("interval")
    if interval not in INTERVALS:
        raise Refusal(-1120, "Invalid interval.")
    return [rows.kline(bar) for bar in source.bars(interval, _span(params, 500, 1500))]


def _trades(board: Board, params: Params) -> object:
    _, source = _symbol(board, params)
    return [rows.trade(trade) for trade in source.trades(params.limit(500, 1000))]


def _aggregates(board: Board, params: Params) -> object:
    _, source = _symbol(board, params)
    span = _span(params, 500, 1000)
    if span.start is not None and span.end is not None and span.end - span.start > HOUR_MS:
        raise Refusal(-1127, "More than 1 hours between startTime and endTime.")
    return [rows.aggregate(one) for one in source.aggregates(span, params.whole("fromId"))]


def _time(board: Board, _: Params) -> object:
    return {"serverTime": board.time()}


def _fixed(weight: int) -> Callable[[Params], int]:
    return lambda _: weight


def _by_symbol(one: int, every: int) -> Callable[[Params], int]:
    return lambda params: one if params.text("symbol") else every


def _kline_weight(params: Params) -> int:
    limit = params.sent_limit(500)
    return next(
        weight
        for below, weight in ((100, 1), (500, 2), (1001, 5), (limit + 1, 10))
        if limit < below
    )


def _depth_weight(params: Params) -> int:
    return DEPTHS.get(params.sent_limit(500), 1)


QUESTIONS = {
    "/fapi/v1/ping": Question(lambda _, __: {}, _fixed(1)),
    "/fapi/v1/time": Question(_time, _fixed(1)),
    "/fapi/v1/exchangeInfo": Question(_exchange_info, _fixed(1)),
    "/fapi/v1/ticker/24hr": Question(_one_or_all(rows.day), _by_symbol(1, 40)),
    "/fapi/v1/ticker/bookTicker": Question(_one_or_all(rows.top), _by_symbol(2, 5)),
    "/fapi/v1/premiumIndex": Question(_one_or_all(rows.premium), _by_symbol(1, 10)),
    "/fapi/v1/fundingInfo": Question(_funding_info, _fixed(0), funding=True),
    "/fapi/v1/fundingRate": Question(_funding_rate, _fixed(0), funding=True),
    "/fapi/v1/openInterest": Question(_open_interest, _fixed(1)),
    "/fapi/v1/depth": Question(_depth, _depth_weight),
    "/fapi/v1/klines": Question(_klines, _kline_weight),
    "/fapi/v1/trades": Question(_trades, _fixed(5)),
    "/fapi/v1/aggTrades": Question(_aggregates, _fixed(20)),
}
