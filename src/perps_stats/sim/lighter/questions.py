"""Every REST question of a simulated Lighter: its rules, its answer."""

from collections.abc import Callable, Mapping, Sequence

from perps_stats.sim.dialect.asked import Asked, BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.facts import Source, Span
from perps_stats.sim.lighter import rows
from perps_stats.sim.lighter.board import Board
from perps_stats.sim.lighter.listing import PERP, SPOT, Contract, details, order_book
from perps_stats.sim.lighter.words import REQUESTS

RESOLUTIONS = ("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d", "1w")
ALL_MARKETS = 255
"""The number that stands for no market in particular."""
NO_MARKET, OK = 21_100, 200
MOST_ORDERS, MOST_TRADES, MOST_ROWS = 250, 100, 500
ASK_INDEX, BID_INDEX = 281_474_976_710_656, 562_949_953_421_312
DEEPEST = 1_000_000
HOURS_A_DAY = 24


def _market(board: Board, asked: Asked) -> tuple[Contract, Source]:
    """An unknown market is told with HTTP 200."""
    contract = board.numbered(asked.required_whole("market_id"))
    source = board.source(contract.symbol) if contract else None
    if contract is None or source is None:
        raise Refusal(NO_MARKET, "market not found", OK)
    return contract, source


def _contracts(board: Board, asked: Asked) -> list[Contract]:
    number, kind = asked.whole("market_id"), asked.text("filter") or "all"
    if kind not in {"all", PERP, SPOT}:
        raise BadParameter("filter", Flaw.OUT_OF_RANGE)
    if number not in {None, ALL_MARKETS}:
        return [_market(board, asked)[0]]
    return [each for each in board.contracts() if kind in {"all", each.kind}]


def _choice(asked: Asked, name: str, choices: Sequence[str]) -> str:
    value = asked.required(name)
    if value not in choices:
        raise BadParameter(name, Flaw.OUT_OF_RANGE)
    return value


def _status(board: Board, _: Asked) -> object:
    return {"status": 1, "network_id": 304, "timestamp": board.time() // 1000}


def _order_books(board: Board, asked: Asked) -> object:
    return {"code": OK, "order_books": [order_book(each) for each in _contracts(board, asked)]}


def _details(board: Board, asked: Asked) -> object:
    told: dict[str, list[object]] = {PERP: [], SPOT: []}
    for each in _contracts(board, asked):
        if source := board.source(each.symbol):
            told[each.kind].append(details(each, source))
    return {"code": OK, "order_book_details": told[PERP], "spot_order_book_details": told[SPOT]}


def _orders(board: Board, asked: Asked) -> object:
    contract, _ = _market(board, asked)
    asked.required("limit")
    limit = asked.limit(MOST_ORDERS, MOST_ORDERS)
    book = board.depth(contract.symbol, DEEPEST)
    bids, asks = (book.bids, book.asks) if book else ([], [])
    asks_of = rows.orders(asks, contract.quantity, ASK_INDEX)
    bids_of = rows.orders(bids, contract.quantity, BID_INDEX)
    return {
        "code": OK,
        "total_asks": len(asks_of),
        "asks": asks_of[:limit],
        "total_bids": len(bids_of),
        "bids": bids_of[:limit],
    }


def _trades(board: Board, asked: Asked) -> object:
    """In no certain order; a list of none is null."""
    contract, source = _market(board, asked)
    asked.required("limit")
    facts = source.trades(asked.limit(MOST_TRADES, MOST_TRADES))
    told = [rows.trade(contract, fact) for fact in [*facts[1::2], *facts[::2]]]
    return {"code": OK, "message": None, "next_cursor": None, "trades": told or None}


def _candles(board: Board, asked: Asked) -> object:
    _, source = _market(board, asked)
    resolution = _choice(asked, "resolution", RESOLUTIONS)
    start, end = (asked.required_whole(f"{edge}_timestamp") for edge in ("start", "end"))
    count = min(asked.required_whole("count_back"), MOST_ROWS)
    bars = source.bars(resolution, Span(None, end, count)) if count else []
    told = [rows.candle(bar) for bar in bars if bar.open_time >= start]
    return {"code": OK, "r": resolution, "c": told or None}


def _fundings(board: Board, asked: Asked) -> object:
    """Asked for in seconds; the newest so many up to the end."""
    _, source = _market(board, asked)
    resolution = _choice(asked, "resolution", ("1h", "1d"))
    start, end = (asked.required_whole(f"{edge}_timestamp") for edge in ("start", "end"))
    count = min(asked.required_whole("count_back"), MOST_ROWS)
    hours = count if resolution == "1h" else count * HOURS_A_DAY
    facts = source.settlements(Span(None, end * 1000 + 999, hours)) if count else []
    told = [fact for fact in facts if fact.time // 1000 >= start]
    fundings = rows.hourly(told) if resolution == "1h" else rows.daily(told)[-count:]
    return {"code": OK, "resolution": resolution, "fundings": fundings}


def _rates(board: Board, _: Asked) -> object:
    """Of what trades."""
    told = [
        row
        for contract in board.contracts()
        if contract.symbol in board.sources
        for row in rows.rates(contract, board.sources[contract.symbol])
    ]
    return {"code": OK, "funding_rates": told}


def _one(_: Asked) -> Mapping[str, int]:
    return {REQUESTS: 1}


def _question(
    answer: Callable[[Board, Asked], object], *, is_book: bool = False
) -> Question[Board]:
    return Question(answer=answer, costs=_one, is_book=is_book)


QUESTIONS = {
    "/": _question(_status),
    "/api/v1/orderBooks": _question(_order_books),
    "/api/v1/orderBookDetails": _question(_details),
    "/api/v1/orderBookOrders": _question(_orders, is_book=True),
    "/api/v1/recentTrades": _question(_trades),
    "/api/v1/candles": _question(_candles),
    "/api/v1/fundings": _question(_fundings),
    "/api/v1/funding-rates": _question(_rates),
}
