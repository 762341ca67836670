"""Facts in the words of KuCoin's classic stream. Sizes are lots; times are ms, ns where ``ts``."""

from perps_stats.sim.dialect.emitters import Candle
from perps_stats.sim.dialect.sequence import LevelChange
from perps_stats.sim.facts import BookFact, DayFact, MarkFact, SettlementFact, TopFact, TradeFact
from perps_stats.sim.kucoin import rows
from perps_stats.sim.kucoin.listing import Contract, day_of, fraction
from perps_stats.sim.scale import bare

EVERY_MINUTE = 60_000


def push(topic: str, subject: str, data: object) -> dict[str, object]:
    return {"topic": topic, "type": "message", "subject": subject, "data": data}


def numbered(topic: str, subject: str, number: int, data: object) -> dict[str, object]:
    return {**push(topic, subject, data), "sn": number}


def change(topic: str, contract: Contract, time: int, fact: LevelChange) -> dict[str, object]:
    """One level, absolute."""
    said = f"{fact.price},{'buy' if fact.is_bid else 'sell'},{contract.lots(fact.quantity)}"
    data = {"sequence": fact.sequence, "change": said, "timestamp": time}
    return numbered(topic, "level2", fact.sequence, data)


def best_levels(topic: str, contract: Contract, time: int, fact: BookFact) -> dict[str, object]:
    """Prices are text here; ``ts`` is in ms."""
    asks, bids = (
        [(price, contract.lots(quantity)) for price, quantity in side]
        for side in (fact.asks, fact.bids)
    )
    clock = {"timestamp": time, "ts": time}
    return numbered(
        topic, "level2", time, {"sequence": fact.last, "asks": asks, "bids": bids, **clock}
    )


def best(topic: str, contract: Contract, time: int, fact: TopFact) -> dict[str, object]:
    data = {
        "symbol": contract.symbol,
        "sequence": fact.last,
        "bestBidSize": contract.lots(fact.bid[1]),
        "bestBidPrice": fact.bid[0],
        "bestAskPrice": fact.ask[0],
        "bestAskSize": contract.lots(fact.ask[1]),
        "ts": time * rows.NS,
    }
    return numbered(topic, "tickerV2", fact.last, data)


def match(topic: str, contract: Contract, _: int, fact: TradeFact) -> dict[str, object]:
    told = rows.trade(contract, fact)
    del told["contractId"]
    return numbered(topic, "match", fact.id, {"symbol": contract.symbol, **told})


def mark(topic: str, _: int, fact: MarkFact) -> dict[str, object]:
    data = {
        "markPrice": bare(fact.mark),
        "indexPrice": bare(fact.index),
        "granularity": 1000,
        "timestamp": fact.time - fact.time % 1000,
    }
    return push(topic, "mark.index.price", data)


def rate(topic: str, time: int, fact: str) -> dict[str, object]:
    """The running estimate."""
    data = {
        "period": 1,
        "granularity": EVERY_MINUTE,
        "fundingRate": bare(fact),
        "timestamp": time - time % EVERY_MINUTE,
    }
    return push(topic, "funding.rate", data)


def settled_rate(topic: str, contract: Contract, _: int, fact: SettlementFact) -> dict[str, object]:
    """What was paid, under the same subject."""
    told = rows.settlement(contract, fact)
    data = {
        "granularity": contract.interval_ms,
        "fundingRate": told["fundingRate"],
        "timestamp": told["timepoint"],
    }
    return push(topic, "funding.rate", data)


def announced(
    topic: str, subject: str, contract: Contract, time: int, fact: SettlementFact
) -> dict[str, object]:
    told = rows.settlement(contract, fact)
    data = {
        "symbol": contract.symbol,
        "fundingTime": told["timepoint"],
        "fundingRate": told["fundingRate"],
        "timestamp": time,
    }
    return push(topic, subject, data)


def day(topic: str, contract: Contract, time: int, fact: DayFact) -> dict[str, object]:
    volume, turnover = day_of(contract, fact)
    data = {
        "highPrice": bare(fact.high),
        "lastPrice": bare(fact.last),
        "lowPrice": bare(fact.low),
        "price24HoursBefore": bare(fact.open),
        "priceChg": bare(fact.change),
        "priceChgPct": bare(fraction(fact.change_pct)),
        "symbol": contract.symbol,
        "ts": time * rows.NS,
        "turnover": bare(turnover),
        "volume": bare(volume),
    }
    return push(topic, "snapshot.24h", data)


def candle(topic: str, contract: Contract, time: int, fact: Candle) -> dict[str, object]:
    """Text, the time in seconds, the close second, the lots last."""
    bar = fact.bar
    numbers = [
        str(bar.open_time // 1000),
        bar.open,
        bar.close,
        bar.high,
        bar.low,
        rows.turnover_of(contract, bar),
        str(contract.lots(bar.volume)),
    ]
    data = {"symbol": contract.symbol, "candles": numbers, "time": time}
    return push(topic, "candle.stick", data)
