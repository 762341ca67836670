"""Facts in the words of Paradex: the same rows in REST answers and in frames."""

from decimal import Decimal

from perps_stats.sim.facts import (
    AggregateFact,
    BarFact,
    BookFact,
    DayFact,
    Level,
    MarkFact,
    Source,
    TopFact,
)
from perps_stats.sim.paradex.listing import USUAL_HOURS, Contract, plain
from perps_stats.sim.scale import bare

NONE: Level = ("", "")
"""A side on which nobody quotes."""
SINCE_2026 = 1_767_225_600_000
"""Before, funding rows told no period, no rate of 8 hours and no impact premium."""
RPI_EVERY = 7


def level(raw: Level) -> Level:
    return plain(raw[0]), plain(raw[1])


def summary(contract: Contract, source: Source) -> dict[str, object]:
    """Volumes are in USD, the open interest in base coin, the change a fraction."""
    day, mark, top = source.day(), source.mark(), source.top()
    bid, ask = (level(top.bid), level(top.ask)) if top else (NONE, NONE)
    return {
        "symbol": contract.symbol,
        "mark_price": plain(mark.mark),
        "last_traded_price": plain(day.last),
        "bid": bid[0],
        "bid_size": bid[1],
        "ask": ask[0],
        "ask_size": ask[1],
        "volume_24h": plain(day.turnover),
        "total_volume": plain(day.turnover),
        "created_at": mark.time,
        "underlying_price": plain(mark.index),
        "open_interest": plain(source.open_interest()[0]),
        "funding_rate": plain(mark.rate),
        "future_funding_rate": "",
        "price_change_rate_24h": change_of(day) if top else "",
    }


def change_of(day: DayFact) -> str:
    return plain(f"{Decimal(day.change_pct).scaleb(-2):f}")


def book(symbol: str, number: int, fact: BookFact) -> dict[str, object]:
    return {
        "market": symbol,
        "seq_no": number,
        "last_updated_at": fact.time,
        "asks": [level(each) for each in fact.asks],
        "bids": [level(each) for each in fact.bids],
    }


def top(symbol: str, number: int, fact: TopFact | None, time: int) -> dict[str, object]:
    bid, ask = (level(fact.bid), level(fact.ask)) if fact else (NONE, NONE)
    return {
        "market": symbol,
        "seq_no": number,
        "bid": bid[0],
        "bid_size": bid[1],
        "ask": ask[0],
        "ask_size": ask[1],
        "last_updated_at": time,
    }


def trade(symbol: str, fact: AggregateFact) -> dict[str, object]:
    """``side`` is the taker's. Every seventh was with liquidity for the interface's users (RPI)."""
    kind = "RPI" if fact.id % RPI_EVERY == 0 else "FILL"
    return {
        "id": f"{fact.time}20{fact.id:013}",
        "market": symbol,
        "side": "SELL" if fact.maker_buys else "BUY",
        "size": plain(fact.quantity),
        "price": plain(fact.price),
        "created_at": fact.time,
        "trade_type": "LIQUIDATION" if fact.forced else kind,
    }


def kline(bar: BarFact) -> list[object]:
    """Numbers, not text. No document tells the unit of the volume: here it is base coin."""
    values = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    return [bar.open_time, *(bare(plain(value)) for value in values)]


def funding(contract: Contract, time: int, fact: MarkFact) -> dict[str, object]:
    """The rate per the market's own period. The index is not accrued here: it is the premium's."""
    rate, hours = Decimal(fact.rate), contract.hours
    premium = plain(f"{rate * Decimal(fact.mark):f}")
    row: dict[str, object] = {
        "market": contract.symbol,
        "funding_index": premium,
        "funding_premium": premium,
        "funding_rate": plain(fact.rate),
        "funding_rate_8h": "",
        "funding_period_hours": 0,
        "created_at": time,
    }
    if time < SINCE_2026:
        return row
    in_8_hours = plain(f"{rate * USUAL_HOURS / hours:.8f}")
    return row | {
        "funding_rate_8h": in_8_hours,
        "funding_period_hours": hours,
        "impact_premium_rate": plain(fact.rate),
    }
