"""Facts in the words of Binance's REST answers."""

from decimal import Decimal

from perps_stats.sim.binance.listing import PERPETUAL, Contract
from perps_stats.sim.facts import (
    AggregateFact,
    BarFact,
    BookFact,
    InterestFact,
    SettlementFact,
    Source,
    TradeFact,
)


def day(contract: Contract, source: Source) -> dict[str, object]:
    fact = source.day()
    return {
        "symbol": contract.symbol,
        "priceChange": fact.change,
        "priceChangePercent": fact.change_pct,
        "weightedAvgPrice": fact.average,
        "lastPrice": fact.last,
        "lastQty": fact.last_quantity,
        "openPrice": fact.open,
        "highPrice": fact.high,
        "lowPrice": fact.low,
        "volume": fact.volume,
        "quoteVolume": fact.turnover,
        "openTime": fact.open_time,
        "closeTime": fact.close_time,
        "firstId": fact.first_id,
        "lastId": fact.last_id,
        "count": fact.trades,
    }


def top(contract: Contract, source: Source) -> dict[str, object]:
    """Zeroes where nobody quotes, as Binance says it."""
    fact = source.top()
    none = (contract.price.text(0), contract.quantity.text(0))
    bid, ask = (fact.bid, fact.ask) if fact else (none, none)
    return {
        "symbol": contract.symbol,
        "bidPrice": bid[0],
        "bidQty": bid[1],
        "askPrice": ask[0],
        "askQty": ask[1],
        "time": fact.time if fact else 0,
        "lastUpdateId": fact.last if fact else 0,
    }


def premium(contract: Contract, source: Source) -> dict[str, object]:
    """Dated contracts have no funding."""
    fact = source.mark()
    perpetual = contract.kind == PERPETUAL
    return {
        "symbol": contract.symbol,
        "markPrice": fact.mark,
        "indexPrice": fact.index,
        "estimatedSettlePrice": fact.settle,
        "lastFundingRate": fact.rate if perpetual else "",
        "interestRate": "0.00010000" if perpetual else "",
        "nextFundingTime": fact.next_time if perpetual else 0,
        "time": fact.time,
    }


def settlement(contract: Contract, fact: SettlementFact) -> dict[str, object]:
    return {
        "symbol": contract.symbol,
        "fundingTime": fact.time,
        "fundingRate": fact.rate,
        "markPrice": fact.mark,
    }


def interest(contract: Contract, fact: InterestFact) -> dict[str, object]:
    """Eight decimals. The documents show the time as text; live answers hold a number."""
    return {
        "symbol": contract.symbol,
        "sumOpenInterest": f"{Decimal(fact.quantity):.8f}",
        "sumOpenInterestValue": f"{Decimal(fact.value):.8f}",
        "CMCCirculatingSupply": "0.00000000",
        "timestamp": fact.time,
    }


def depth(book: BookFact) -> dict[str, object]:
    return {
        "lastUpdateId": book.last,
        "E": book.sent,
        "T": book.time,
        "bids": book.bids,
        "asks": book.asks,
    }


def kline(bar: BarFact) -> list[object]:
    return [
        bar.open_time,
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume,
        bar.close_time,
        bar.turnover,
        bar.trades,
        bar.taker_volume,
        bar.taker_turnover,
        "0",
    ]


def trade(fact: TradeFact) -> dict[str, object]:
    return {
        "id": fact.id,
        "price": fact.price,
        "qty": fact.quantity,
        "quoteQty": fact.value,
        "time": fact.time,
        "isBuyerMaker": fact.maker_buys,
    }


def aggregate(fact: AggregateFact) -> dict[str, object]:
    return {
        "a": fact.id,
        "p": fact.price,
        "q": fact.quantity,
        "f": fact.first,
        "l": fact.last,
        "T": fact.time,
        "m": fact.maker_buys,
    }
