"""Lighter's channels as topics of the model's markets. Each begins with its present state."""

from collections.abc import Callable
from functools import partial

from perps_stats.sim.dialect.emitters import BookChanges, Candles, Timed, singles, touches
from perps_stats.sim.dialect.hub import Topic, voice
from perps_stats.sim.facts import Span, TradeFact
from perps_stats.sim.lighter import frames, rows
from perps_stats.sim.lighter.board import Board
from perps_stats.sim.lighter.listing import PERP, Contract
from perps_stats.sim.lighter.questions import RESOLUTIONS
from perps_stats.sim.model.source import ModelSource

REPLAYED, REMEMBERED = 50, 1000
BATCH_MS = 500
"""How often the running candle is told."""
DEEPEST = 1_000_000
BLOCK_MS = 40
STATS = ("day", "mark", "funding")


def topic_of(board: Board, channel: str) -> Topic | None:
    """``None`` for a channel that there is not."""
    name, _, rest = channel.partition("/")
    if channel in OF_ALL:
        return OF_ALL[channel](board, channel)
    number, _, resolution = rest.partition("/")
    contract = board.numbered(int(number)) if number.isascii() and number.isdigit() else None
    if contract is None or contract.kind != PERP or bool(resolution) != (name == "candle"):
        return None
    source = board.sources.get(contract.symbol)
    if source is None:
        return _empty(name, channel, contract, board.time())
    if name == "candle":
        return _candle(channel, source, resolution) if resolution in RESOLUTIONS else None
    return OF_ONE[name](channel, contract, source) if name in OF_ONE else None


def _book(channel: str, _: Contract, source: ModelSource) -> Topic:
    return Topic(
        kind="order_book",
        voices=(voice(source, BookChanges(source), partial(frames.changes, channel), "orderbook"),),
        is_chain=True,
        first=lambda: [frames.snapshot(channel, source.book(DEEPEST))],
    )


def _trade(channel: str, contract: Contract, source: ModelSource) -> Topic:
    write = partial(frames.trade, channel, contract)
    replay = partial(frames.trades, channel, contract, began=True)
    return Topic(
        kind="trade",
        voices=(voice(source, singles(source), write, "trades"),),
        first=lambda: [replay(source.time(), _last_trades(source))],
        replayed=REPLAYED,
    )


def _last_trades(source: ModelSource) -> list[TradeFact]:
    """Those forced reach back further than the rest."""
    facts = source.trades(REMEMBERED)
    older = [fact for fact in facts[:-REPLAYED] if fact.forced]
    return [*older[-1:], *facts[-REPLAYED:]]


def _ticker(channel: str, contract: Contract, source: ModelSource) -> Topic:
    write = partial(frames.ticker, channel, contract)
    return Topic(
        kind="ticker",
        voices=(voice(source, touches(source), write, "best"),),
        first=lambda: [write(source.time(), source.top(), began=True)],
    )


def _stats(channel: str, contract: Contract, source: ModelSource) -> Topic:
    read, write = partial(rows.stats, contract), partial(frames.stats, channel)
    return Topic(
        kind="market_stats",
        voices=(voice(source, Timed(source, read), write, *STATS),),
        first=lambda: [write(source.time(), read(source), began=True)],
    )


def _candle(channel: str, source: ModelSource, resolution: str) -> Topic:
    emitter, write = Candles(source, resolution, BATCH_MS), partial(frames.candle, channel)
    newest = Span(None, None, 1)

    def first() -> list[object]:
        bars = source.bars(resolution, newest)
        return [frames.candles(channel, source.time(), bars, began=True)]

    return Topic(kind="candle", voices=(voice(source, emitter, write, "klines"),), first=first)


def _empty(name: str, channel: str, contract: Contract, time: int) -> Topic | None:
    """A market that does not trade: its book and its best are empty, and stay so."""
    told = {
        "order_book": frames.book(channel, time, (0, 0), [], [], began=True),
        "ticker": frames.ticker(channel, contract, time, None, began=True),
        "trade": frames.trades(channel, contract, time, [], began=True),
    }
    return Topic(kind=name, voices=(), first=lambda: [told[name]]) if name in told else None


def _all_stats(board: Board, channel: str) -> Topic:
    reads = {
        source: partial(rows.stats, contract)
        for contract in board.contracts()
        if (source := board.sources.get(contract.symbol))
    }
    write = partial(frames.one_of_all, channel)

    def first() -> list[object]:
        told = [read(source) for source, read in reads.items()]
        by_number = {str(each["market_id"]): each for each in told}
        return [frames.stats(channel, board.time(), by_number, began=True)]

    voices = tuple(
        voice(source, Timed(source, read), write, *STATS) for source, read in reads.items()
    )
    return Topic(kind="market_stats", voices=voices, first=first)


def _height(board: Board, channel: str) -> Topic:
    """Of the chain; it grows with each block."""
    source = next(iter(board.sources.values()))
    emitter = Timed(source, lambda each: each.time() // BLOCK_MS)
    write = partial(frames.height, channel)
    return Topic(
        kind="height",
        voices=(voice(source, emitter, write, "height"),),
        first=lambda: [write(source.time(), source.time() // BLOCK_MS, began=True)],
    )


OF_ONE: dict[str, Callable[[str, Contract, ModelSource], Topic]] = {
    "order_book": _book,
    "trade": _trade,
    "ticker": _ticker,
    "market_stats": _stats,
}
OF_ALL: dict[str, Callable[[Board, str], Topic]] = {
    "market_stats/all": _all_stats,
    "height": _height,
}
