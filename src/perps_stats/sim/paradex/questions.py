"""Every REST question of a simulated Paradex: its rules and its answer."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import TypeAlias

from perps_stats.sim.dialect.asked import Asked, Refusal
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.facts import AggregateFact, Source, Span
from perps_stats.sim.paradex import rows
from perps_stats.sim.paradex.board import Board
from perps_stats.sim.paradex.listing import Contract, market_row
from perps_stats.sim.paradex.words import MINUTE, NOT_FOUND, invalid

EVERY = "ALL"
RESOLUTIONS = {"1": "1m", "3": "3m", "5": "5m", "15": "15m", "30": "30m", "60": "1h"}
PRICE_KINDS = ("last", "mark", "underlying")
MOST_LEVELS, MOST_TRADES, MOST_RATES, MOST_BARS = 100, 1000, 5000, 10_000
FUNDING_MS = 5000
"""Between two funding rows."""
Answer: TypeAlias = Callable[[Board, Asked], object]


def _listed(board: Board, symbol: str, status: int = 400) -> tuple[Contract, Source]:
    contract, source = board.contract(symbol), board.source(symbol)
    if contract is None or source is None:
        raise Refusal("MARKET_NOT_FOUND", f"market {symbol} not found", status)
    return contract, source


def _results(found: Sequence[object]) -> object:
    return {"results": found}


def _page(found: Sequence[object], following: int | None) -> object:
    """``following`` is where the next page begins."""
    cursor = None if following is None else urlsafe_b64encode(str(following).encode()).decode()
    return {"next": cursor, "prev": None, "results": found}


def _cursor(asked: Asked) -> int | None:
    text = asked.text("cursor")
    try:
        return None if text is None else int(urlsafe_b64decode(text.encode()))
    except (ValueError, binascii.Error):
        raise invalid('"cursor":"is invalid"') from None


def _markets(board: Board, asked: Asked) -> object:
    symbol = asked.text("market")
    if symbol is not None:
        return _results([market_row(_listed(board, symbol, NOT_FOUND)[0])])
    return _results([market_row(contract) for contract in board.contracts()])


def _summary(board: Board, asked: Asked) -> object:
    symbol = asked.required("market")
    if symbol != EVERY:
        return _results([rows.summary(*_listed(board, symbol))])
    every = [_listed(board, contract.symbol) for contract in board.contracts()]
    return _results([rows.summary(contract, source) for contract, source in every])


def _orderbook(board: Board, asked: Asked) -> object:
    """The documents name no greatest depth: what is beyond is not given."""
    symbol = asked.parts["market"]
    _listed(board, symbol)
    depth = min(asked.limit(20, 10**9, "depth"), MOST_LEVELS)
    book = board.depth(symbol, depth)
    if book is None:
        raise Refusal("SERVICE_UNAVAILABLE", "no book", 503)
    return rows.book(symbol, _number(board, symbol), book)


def _bbo(board: Board, asked: Asked) -> object:
    symbol = asked.parts["market"]
    _, source = _listed(board, symbol)
    return rows.top(symbol, _number(board, symbol), source.top(), source.time())


def _number(board: Board, symbol: str) -> int:
    return board.numbers[symbol].last if symbol in board.numbers else 0


def _trades(board: Board, asked: Asked) -> object:
    """Newest first. A cursor goes on below an id."""
    symbol = asked.required("market")
    _, source = _listed(board, symbol)
    size = asked.limit(100, MOST_TRADES, "page_size")
    start, before = asked.whole("start_at") or 0, _cursor(asked)
    if before is None:
        found = source.aggregates(Span(None, asked.whole("end_at"), size), None)
    else:
        first = max(before - size, 1)
        found = source.aggregates(Span(None, None, before - first), first) if before > 1 else []
    wanted = [each for each in found if each.time >= start][::-1]
    return _page([rows.trade(symbol, each) for each in wanted], _below(wanted, size))


def _below(found: Sequence[AggregateFact], size: int) -> int | None:
    return found[-1].id if len(found) == size and found[-1].id > 1 else None


def _funding(board: Board, asked: Asked) -> object:
    """Newest first, a row every 5 seconds."""
    symbol = asked.required("market")
    contract, _ = _listed(board, symbol)
    source = board.sources.get(symbol)
    size = asked.limit(100, MOST_RATES, "page_size")
    start, end, before = asked.whole("start_at"), asked.whole("end_at"), _cursor(asked)
    if source is None:
        return _page([], None)
    last = source.time() if end is None else min(end, source.time())
    newest = last // FUNDING_MS if before is None else before - 1
    oldest = -(-max(start or 0, contract.listed) // FUNDING_MS)
    numbers = range(newest, max(newest - size, oldest - 1), -1)
    times = [number * FUNDING_MS for number in numbers]
    found = [rows.funding(contract, at, source.mark_at(at) or source.mark()) for at in times]
    more = bool(numbers) and numbers[-1] > oldest
    return _page(found, numbers[-1] if more else None)


def _klines(board: Board, asked: Asked) -> object:
    """Oldest first, the running candle last. Only last prices have candles here.

    No document tells whether a minute without a trade has one: here it has none.
    """
    _, source = _listed(board, asked.required("symbol"))
    resolution = asked.required("resolution")
    start, end = asked.required_whole("start_at"), asked.required_whole("end_at")
    if resolution not in RESOLUTIONS:
        raise invalid(f"resolution must be one of [{' '.join(RESOLUTIONS)}]")
    kind = asked.text("price_kind") or PRICE_KINDS[0]
    if kind not in PRICE_KINDS:
        raise invalid(f"price_kind must be one of [{' '.join(PRICE_KINDS)}]")
    if kind != PRICE_KINDS[0]:
        raise Refusal("SERVICE_UNAVAILABLE", f"{kind} candles are not simulated", 503)
    bars = source.bars(RESOLUTIONS[resolution], Span(start, end, MOST_BARS))
    return _results([rows.kline(bar) for bar in bars if bar.trades])


def _time(board: Board, _: Asked) -> object:
    return {"server_time": str(board.time())}


def _question(answer: Answer, *, is_book: bool = False) -> Question[Board]:
    return Question(answer=answer, costs=lambda _: {MINUTE: 1}, is_book=is_book)


QUESTIONS = {
    "/v1/system/time": _question(_time),
    "/v1/system/state": _question(lambda _, __: {"status": "ok"}),
    "/v1/markets": _question(_markets),
    "/v1/markets/summary": _question(_summary),
    "/v1/markets/klines": _question(_klines),
    "/v1/orderbook/{market}": _question(_orderbook, is_book=True),
    "/v1/orderbook/{market}/interactive": _question(_orderbook, is_book=True),
    "/v1/bbo/{market}": _question(_bbo),
    "/v1/bbo/{market}/interactive": _question(_bbo),
    "/v1/trades": _question(_trades),
    "/v1/funding/data": _question(_funding),
}
