"""Facts in the words of Binance's stream frames, as since June 2026: ``st`` and ``ps`` on each."""

from perps_stats.sim.binance.listing import Contract
from perps_stats.sim.binance.streams import Kind
from perps_stats.sim.dialect.emitters import Candle, Changes
from perps_stats.sim.facts import (
    AggregateFact,
    DayFact,
    MarkFact,
    TopFact,
    TradeFact,
)

USD_M = 1


def wrapped(stream: str, frame: bytes) -> bytes:
    return b'{"stream":"%b","data":%b}' % (stream.encode(), frame)


def depth(contract: Contract, time: int, changes: Changes) -> dict[str, object]:
    return {
        **_head(Kind.DEPTH, time, contract),
        "T": time,
        "U": changes.first,
        "u": changes.last,
        "pu": changes.previous,
        "b": changes.bids,
        "a": changes.asks,
    }


def book_ticker(contract: Contract, time: int, top: TopFact) -> dict[str, object]:
    return {
        **_head(Kind.BOOK_TICKER, time, contract),
        "u": top.last,
        "b": top.bid[0],
        "B": top.bid[1],
        "a": top.ask[0],
        "A": top.ask[1],
        "T": top.time,
    }


def trade(contract: Contract, time: int, fact: TradeFact) -> dict[str, object]:
    return {
        **_head(Kind.TRADE, time, contract),
        "T": fact.time,
        "t": fact.id,
        "p": fact.price,
        "q": fact.quantity,
        "X": "MARKET" if fact.market else "INSURANCE_FUND",
        "m": fact.maker_buys,
    }


def aggregate(contract: Contract, time: int, fact: AggregateFact) -> dict[str, object]:
    return {
        **_head(Kind.AGG_TRADE, time, contract),
        "a": fact.id,
        "p": fact.price,
        "q": fact.quantity,
        "nq": fact.quantity,
        "f": fact.first,
        "l": fact.last,
        "T": fact.time,
        "m": fact.maker_buys,
    }


def ticker(contract: Contract, time: int, day: DayFact) -> dict[str, object]:
    return {
        **_head(Kind.TICKER, time, contract),
        "p": day.change,
        "P": day.change_pct,
        "w": day.average,
        "c": day.last,
        "Q": day.last_quantity,
        "o": day.open,
        "h": day.high,
        "l": day.low,
        "v": day.volume,
        "q": day.turnover,
        "O": day.open_time,
        "C": day.close_time,
        "F": day.first_id,
        "L": day.last_id,
        "n": day.trades,
    }


def mini_ticker(contract: Contract, time: int, day: DayFact) -> dict[str, object]:
    return {
        **_head(Kind.MINI_TICKER, time, contract),
        "c": day.last,
        "o": day.open,
        "h": day.high,
        "l": day.low,
        "v": day.volume,
        "q": day.turnover,
    }


def mark(contract: Contract, time: int, fact: MarkFact, *, pays: bool) -> dict[str, object]:
    """A dated contract ``pays`` no funding."""
    return {
        **_head(Kind.MARK, time, contract),
        "p": fact.mark,
        "ap": fact.average,
        "P": fact.settle,
        "i": fact.index,
        "r": fact.rate if pays else "",
        "T": fact.next_time if pays else 0,
    }


def kline(contract: Contract, time: int, candle: Candle) -> dict[str, object]:
    bar = candle.bar
    return {
        **_head(Kind.KLINE, time, contract),
        "k": {
            "t": bar.open_time,
            "T": bar.close_time,
            "s": contract.symbol,
            "i": candle.interval,
            "f": bar.first_id,
            "L": bar.last_id,
            "o": bar.open,
            "c": bar.close,
            "h": bar.high,
            "l": bar.low,
            "v": bar.volume,
            "n": bar.trades,
            "x": candle.closed,
            "q": bar.turnover,
            "V": bar.taker_volume,
            "Q": bar.taker_turnover,
            "B": "0",
        },
    }


def force_order(contract: Contract, time: int, fact: AggregateFact) -> dict[str, object]:
    """The forced order is the taker of the trade."""
    return {
        "e": Kind.FORCE_ORDER,
        "E": time,
        "o": {
            "s": contract.symbol,
            **({"ps": contract.pair} if contract.families else {}),
            "S": "SELL" if fact.maker_buys else "BUY",
            "o": "LIMIT",
            "f": "IOC",
            "q": fact.quantity,
            "p": fact.price,
            "ap": fact.price,
            "X": "FILLED",
            "l": fact.quantity,
            "z": fact.quantity,
            "T": fact.time,
        },
        **({"st": USD_M} if contract.families else {}),
    }


def _head(kind: Kind, time: int, contract: Contract) -> dict[str, object]:
    family = {"st": USD_M, "ps": contract.pair} if contract.families else {}
    return {"e": kind, "E": time, "s": contract.symbol, **family}
