"""Binance's streams as topics of the model's markets."""

from functools import partial

from msgspec.structs import replace

from perps_stats.sim.binance import frames
from perps_stats.sim.binance.listing import PERPETUAL, Contract
from perps_stats.sim.binance.streams import CHANNELS, Kind, Stream, parse_stream
from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.dialect.emitters import (
    BookChanges,
    Candles,
    Timed,
    aggregates,
    forced,
    singles,
    touches,
)
from perps_stats.sim.dialect.hub import Topic, Voice, voice
from perps_stats.sim.model.source import ModelSource


def topic_of(board: ModelBoard[Contract], name: str) -> Topic | None:
    """``None`` for what Binance acknowledges and never sends."""
    stream = parse_stream(name)
    if stream is None:
        return None
    contract, source = board.contract(stream.symbol), board.sources.get(stream.symbol)
    if contract is None or source is None:
        return None
    told = _voice(stream, contract, source)
    return Topic(
        kind=stream.kind,
        voices=(replace(told, streams=CHANNELS[stream.kind]),),
        is_chain=stream.kind is Kind.DEPTH and not stream.levels,
    )


def _voice(stream: Stream, contract: Contract, source: ModelSource) -> Voice:  # noqa: PLR0911
    match stream.kind:
        case Kind.DEPTH:
            changes = BookChanges(source, stream.every_ms, stream.levels)
            return voice(source, changes, partial(frames.depth, contract))
        case Kind.KLINE:
            candles = Candles(source, stream.interval, stream.every_ms)
            return voice(source, candles, partial(frames.kline, contract))
        case Kind.TICKER:
            return voice(source, Timed(source, ModelSource.day), partial(frames.ticker, contract))
        case Kind.MINI_TICKER:
            day = Timed(source, ModelSource.day)
            return voice(source, day, partial(frames.mini_ticker, contract))
        case Kind.MARK:
            mark = Timed(source, ModelSource.mark, stream.every_ms)
            pays = contract.kind == PERPETUAL
            return voice(source, mark, partial(frames.mark, contract, pays=pays))
        case Kind.BOOK_TICKER:
            return voice(source, touches(source), partial(frames.book_ticker, contract))
        case Kind.TRADE:
            return voice(source, singles(source), partial(frames.trade, contract))
        case Kind.AGG_TRADE:
            return voice(source, aggregates(source), partial(frames.aggregate, contract))
        case Kind.FORCE_ORDER:
            return voice(source, forced(source), partial(frames.force_order, contract))
