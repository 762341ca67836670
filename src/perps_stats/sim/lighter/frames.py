"""Facts in the words of Lighter's frames.

``began`` is the first frame of a channel: ``subscribed/``, and ``update/`` from then on. A channel
is subscribed to with a slash and named with a colon.
"""

from collections.abc import Iterable, Mapping

from perps_stats.sim.dialect.emitters import Candle, Changes
from perps_stats.sim.facts import BarFact, BookFact, Level, TopFact, TradeFact
from perps_stats.sim.lighter import rows
from perps_stats.sim.lighter.listing import Contract

OFFSET_STEP = 7
"""Offsets grow by leaps."""


def frame(channel: str, time: int, part: Mapping[str, object], *, began: bool) -> dict[str, object]:
    """``time`` is when it is sent, in ms."""
    name, _, rest = channel.partition("/")
    kind = f"{'subscribed' if began else 'update'}/{name}"
    named = f"{name}:{rest.replace('/', ':')}" if rest else name
    return {"channel": named, **part, "timestamp": time, "type": kind}


def book(  # a book's every part
    channel: str,
    time: int,
    nonces: tuple[int, int],
    bids: Iterable[Level],
    asks: Iterable[Level],
    *,
    began: bool = False,
) -> dict[str, object]:
    """``nonces`` are where the frame begins and ends. Sizes are absolute."""
    begin, nonce = nonces
    clock = {"last_updated_at": time * 1000} if nonce else {}
    offset = {"offset": nonce // OFFSET_STEP}
    told = {
        "code": 0,
        "asks": [_level(level) for level in asks],
        "bids": [_level(level) for level in bids],
        **offset,
        "nonce": nonce,
        "last_updated_at": time * 1000 if nonce else 0,
        "begin_nonce": begin,
    }
    return frame(channel, time, {**clock, **offset, "order_book": told}, began=began)


def snapshot(channel: str, fact: BookFact) -> dict[str, object]:
    return book(channel, fact.time, (0, fact.last), fact.bids, fact.asks, began=True)


def changes(channel: str, time: int, fact: Changes) -> dict[str, object]:
    return book(channel, time, (fact.previous, fact.last), fact.bids, fact.asks)


def ticker(
    channel: str, contract: Contract, time: int, top: TopFact | None, *, began: bool = False
) -> dict[str, object]:
    """A side without orders has an empty best."""
    clock = {"last_updated_at": top.time * 1000 if top else 0}
    none = {"price": "", "size": ""}
    ask, bid = (_level(top.ask), _level(top.bid)) if top else (none, none)
    told = {"s": contract.symbol, "a": ask, "b": bid, **clock}
    part = {**(clock if top else {}), "nonce": top.last if top else 0, "ticker": told}
    return frame(channel, time, part, began=began)


def trades(
    channel: str, contract: Contract, time: int, facts: Iterable[TradeFact], *, began: bool = False
) -> dict[str, object]:
    """Newest first; who was forced is in a list apart. The frame has no time of its own."""
    told = [rows.trade(contract, fact) for fact in facts][::-1]
    part = {
        "liquidation_trades": [row for row in told if row["type"] != "trade"],
        "nonce": time,
        "trades": [row for row in told if row["type"] == "trade"],
    }
    whole = frame(channel, time, part, began=began)
    return {name: value for name, value in whole.items() if name != "timestamp"}


def trade(channel: str, contract: Contract, time: int, fact: TradeFact) -> dict[str, object]:
    return trades(channel, contract, time, [fact])


def stats(
    channel: str, time: int, told: Mapping[str, object], *, began: bool = False
) -> dict[str, object]:
    """Of one market; of those that changed, by number, on the channel of all."""
    return frame(channel, time, {"market_stats": told}, began=began)


def one_of_all(channel: str, time: int, told: Mapping[str, object]) -> dict[str, object]:
    return stats(channel, time, {str(told["market_id"]): told})


def candles(
    channel: str, time: int, bars: Iterable[BarFact], *, began: bool = False
) -> dict[str, object]:
    upper = {"O", "H", "L", "C"}
    told = [
        {name: value for name, value in rows.candle(bar).items() if name not in upper}
        for bar in bars
    ]
    return frame(channel, time, {"candles": told}, began=began)


def candle(channel: str, time: int, fact: Candle) -> dict[str, object]:
    return candles(channel, time, [fact.bar])


def height(channel: str, time: int, number: int, *, began: bool = False) -> dict[str, object]:
    return frame(channel, time, {"height": number}, began=began)


def _level(level: Level) -> dict[str, object]:
    return {"price": level[0], "size": level[1]}
