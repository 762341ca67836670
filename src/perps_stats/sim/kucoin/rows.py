"""Facts in the words of KuCoin's REST answers. Sizes are lots, ``ts`` is in nanoseconds."""

from collections.abc import Iterable

from perps_stats.sim.facts import BarFact, BookFact, Level, SettlementFact, Source, TradeFact
from perps_stats.sim.kucoin.listing import HOUR_MS, Contract, running_rate
from perps_stats.sim.scale import bare

NS = 1_000_000


def side(fact: TradeFact) -> str:
    """The taker's."""
    return "sell" if fact.maker_buys else "buy"


def trade(contract: Contract, fact: TradeFact) -> dict[str, object]:
    return {
        "sequence": fact.id,
        "contractId": 1,
        "tradeId": str(fact.id),
        "makerOrderId": str(236_679_000_000_000_000 + fact.id),
        "takerOrderId": str(247_822_000_000_000_000 + fact.id),
        "ts": fact.time * NS,
        "size": contract.lots(fact.quantity),
        "price": fact.price,
        "side": side(fact),
    }


def ticker(contract: Contract, source: Source, sequence: int) -> dict[str, object]:
    """The last trade, at its time, and the top of the book."""
    (last,), top = source.trades(1), source.top()
    bid, ask = (top.bid, top.ask) if top else (None, None)
    return {
        "sequence": sequence,
        "symbol": contract.symbol,
        "side": side(last),
        "size": contract.lots(last.quantity),
        "tradeId": str(last.id),
        "price": last.price,
        "bestBidPrice": bid[0] if bid else None,
        "bestBidSize": contract.lots(bid[1]) if bid else None,
        "bestAskPrice": ask[0] if ask else None,
        "bestAskSize": contract.lots(ask[1]) if ask else None,
        "ts": last.time * NS,
    }


def book(contract: Contract, fact: BookFact) -> dict[str, object]:
    """Levels are numbers."""
    return {
        "sequence": fact.last,
        "symbol": contract.symbol,
        "bids": levels(contract, fact.bids),
        "asks": levels(contract, fact.asks),
        "ts": fact.time * NS,
    }


def levels(contract: Contract, side: Iterable[Level]) -> list[tuple[object, int]]:
    return [(bare(price), contract.lots(quantity)) for price, quantity in side]


def kline(contract: Contract, bar: BarFact) -> list[object]:
    prices = (bar.open, bar.high, bar.low, bar.close)
    lots, turnover = contract.lots(bar.volume), turnover_of(contract, bar)
    return [bar.open_time, *map(bare, prices), lots, bare(turnover)]


def turnover_of(contract: Contract, bar: BarFact) -> str:
    """Quote coin; of an inverse contract it is told in coins."""
    if not contract.inverse:
        return bar.turnover
    return f"{float(bar.volume) / float(bar.close):.8f}"


def mark(contract: Contract, source: Source) -> dict[str, object]:
    fact = source.mark()
    return {
        "symbol": contract.symbol,
        "granularity": 1000,
        "timePoint": fact.time - fact.time % 1000,
        "value": bare(fact.mark),
        "indexPrice": bare(fact.index),
    }


def funding(contract: Contract, source: Source) -> dict[str, object]:
    """Under the name of its index."""
    fact = source.mark()
    return {
        "symbol": f".{contract.symbol}FPI{contract.hours}H",
        "granularity": contract.interval_ms,
        "timePoint": fact.next_time - contract.interval_ms,
        "value": bare(running_rate(contract, source)),
        "predictedValue": None,
        "fundingRateCap": bare(contract.cap),
        "fundingRateFloor": bare(f"-{contract.cap}"),
        "period": 1,
        "fundingTime": fact.next_time,
    }


def settlement(contract: Contract, fact: SettlementFact) -> dict[str, object]:
    """At the full hour."""
    return {
        "symbol": contract.symbol,
        "fundingRate": bare(fact.rate),
        "timepoint": fact.time - fact.time % HOUR_MS,
    }
