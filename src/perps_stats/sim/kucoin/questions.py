"""Every REST question of a simulated KuCoin: its weight, its rules, its answer."""

from collections.abc import Callable
from typing import TypeAlias

from perps_stats.sim.dialect.asked import Asked, BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.facts import Source, Span
from perps_stats.sim.kucoin import rows
from perps_stats.sim.kucoin.board import Board
from perps_stats.sim.kucoin.listing import PERPETUAL, Contract, row
from perps_stats.sim.kucoin.words import POOL

OK = 200
INVALID_SYMBOL = Refusal("200003", "Invalid symbol.", OK)
NO_CONTRACT = Refusal("404000", "The contract information you requested does not exist.", OK)
NO_MARK = Refusal("415000", "mark price is not supported", OK)
NO_FUNDING = Refusal("415000", "funding rate is not supported", OK)
INTERVALS = {
    **{minutes: f"{minutes}m" for minutes in (1, 5, 15, 30)},
    **{hours * 60: f"{hours}h" for hours in (1, 2, 4, 8, 12)},
    1440: "1d",
    10080: "1w",
}
"""By granularity in minutes."""
MOST_CANDLES, MOST_SETTLEMENTS, MOST_TRADES = 500, 100, 100
WHOLE = 1_000_000
PING_MS, PONG_MS = 18_000, 10_000
Answer: TypeAlias = Callable[[Board, Asked], object]


def _of(board: Board, symbol: str, refusal: Refusal) -> tuple[Contract, Source]:
    contract, source = board.contract(symbol), board.told(symbol)
    if contract is None or source is None:
        raise refusal
    return contract, source


def _symbol(board: Board, asked: Asked) -> tuple[Contract, Source]:
    return _of(board, asked.required("symbol"), INVALID_SYMBOL)


def _trading(board: Board, asked: Asked) -> tuple[Contract, Source]:
    contract, source = _symbol(board, asked)
    if contract.symbol not in board.sources:
        raise INVALID_SYMBOL
    return contract, source


def _active(board: Board, _: Asked) -> object:
    found = ((contract, board.told(contract.symbol)) for contract in board.contracts())
    return [row(contract, source) for contract, source in found if source]


def _contract(board: Board, asked: Asked) -> object:
    return row(*_of(board, asked.parts["symbol"], NO_CONTRACT))


def _ticker(board: Board, asked: Asked) -> object:
    contract, source = _trading(board, asked)
    return rows.ticker(contract, source, board.sequence(contract.symbol).last)


def _tickers(board: Board, _: Asked) -> object:
    """Of what trades."""
    return [
        rows.ticker(contract, board.sources[contract.symbol], board.sequence(contract.symbol).last)
        for contract in board.contracts()
        if contract.symbol in board.sources
    ]


def _book(limit: int) -> Answer:
    def answer(board: Board, asked: Asked) -> object:
        contract, _ = _symbol(board, asked)
        book = board.numbered_book(contract.symbol, limit)
        if book is None:
            raise INVALID_SYMBOL
        return rows.book(contract, book)

    return answer


def _trades(board: Board, asked: Asked) -> object:
    """The newest first."""
    contract, source = _symbol(board, asked)
    return [rows.trade(contract, fact) for fact in reversed(source.trades(MOST_TRADES))]


def _klines(board: Board, asked: Asked) -> object:
    """Ascending, from the start that is asked for; intervals without a trade are left out."""
    contract, source = _symbol(board, asked)
    granularity = asked.required_whole("granularity")
    if granularity not in INTERVALS:
        raise BadParameter("granularity", Flaw.OUT_OF_RANGE)
    span = Span(asked.whole("from"), asked.whole("to"), MOST_CANDLES)
    told = [rows.kline(contract, bar) for bar in source.bars(INTERVALS[granularity], span)]
    return [candle for candle in told if candle[5]]


def _mark(board: Board, asked: Asked) -> object:
    return rows.mark(*_of(board, asked.parts["symbol"], NO_MARK))


def _funding(board: Board, asked: Asked) -> object:
    contract, source = _of(board, asked.parts["symbol"], NO_FUNDING)
    if contract.kind != PERPETUAL or contract.symbol not in board.sources:
        raise NO_FUNDING
    return rows.funding(contract, source)


def _settled(board: Board, asked: Asked) -> object:
    """The newest first, and only the newest hundred."""
    contract, source = _symbol(board, asked)
    start, end = asked.required_whole("from"), asked.required_whole("to")
    if contract.kind != PERPETUAL:
        return []
    facts = source.settlements(Span(None, end + 999, MOST_SETTLEMENTS))
    told = [rows.settlement(contract, fact) for fact in reversed(facts)]
    return [each for each in told if each["timepoint"] in range(start, end + 1)]


def _bullet(board: Board, asked: Asked) -> object:
    server = {
        "endpoint": f"ws://{asked.host}/",
        "encrypt": False,
        "protocol": "websocket",
        "pingInterval": PING_MS,
        "pingTimeout": PONG_MS,
    }
    return {"token": board.mint(), "instanceServers": [server]}


def _time(board: Board, _: Asked) -> object:
    return board.time()


def _question(
    answer: Answer, weight: int, *, method: str = "GET", is_book: bool = False
) -> Question[Board]:
    costs = {POOL: weight}
    return Question(answer=answer, costs=lambda _: costs, method=method, is_book=is_book)


QUESTIONS = {
    "/api/v1/contracts/active": _question(_active, 3),
    "/api/v1/contracts/{symbol}": _question(_contract, 3),
    "/api/v1/ticker": _question(_ticker, 2),
    "/api/v1/allTickers": _question(_tickers, 5),
    "/api/v1/level2/snapshot": _question(_book(WHOLE), 3, is_book=True),
    "/api/v1/level2/depth20": _question(_book(20), 5, is_book=True),
    "/api/v1/level2/depth100": _question(_book(100), 5, is_book=True),
    "/api/v1/trade/history": _question(_trades, 5),
    "/api/v1/kline/query": _question(_klines, 3),
    "/api/v1/mark-price/{symbol}/current": _question(_mark, 3),
    "/api/v1/funding-rate/{symbol}/current": _question(_funding, 2),
    "/api/v1/contract/funding-rates": _question(_settled, 5),
    "/api/v1/bullet-public": _question(_bullet, 10, method="POST"),
    "/api/v1/timestamp": _question(_time, 2),
}
