"""Facts in the words of Lighter's REST answers, which its frames share."""

from collections.abc import Iterable
from decimal import Decimal

from perps_stats.sim.facts import BarFact, Level, SettlementFact, Source, Span, TradeFact
from perps_stats.sim.lighter.listing import Contract
from perps_stats.sim.scale import Scale, bare

ORDERS_A_LEVEL = 3
RATE_HOURS = 8
OTHERS = {"binance": 1.25, "bybit": 0.75, "hyperliquid": 2.0}
"""The rates of other exchanges are told beside its own: so many times it."""
VALUE = Decimal("0.000001")
LATEST = Span(None, None, 1)


def orders(levels: Iterable[Level], quantity: Scale, first_index: int) -> list[dict[str, object]]:
    """One to three orders make a level; every other one was filled in part."""
    found: list[dict[str, object]] = []
    for rank, (price, size) in enumerate(levels):
        for lots in shared(quantity.steps(size), 1 + rank % ORDERS_A_LEVEL):
            index = first_index + len(found)
            placed = lots * (1 + index % 2)
            found.append(
                {
                    "order_index": index,
                    "order_id": str(index),
                    "owner_account_index": 100_000 + index % 977,
                    "initial_base_amount": quantity.text(placed),
                    "remaining_base_amount": quantity.text(lots),
                    "price": price,
                    "order_expiry": 4_133_404_800_000,
                }
            )
    return found


def shared(lots: int, parts: int) -> list[int]:
    """As equal as can be; none without a lot."""
    each, rest = divmod(lots, parts)
    return [share for share in (each + rest, *[each] * (parts - 1)) if share]


def trade(contract: Contract, fact: TradeFact) -> dict[str, object]:
    """Numbered over all markets. What closed a position without an order is a deleverage."""
    number = fact.id * 4096 + contract.id
    kind = "liquidation" if fact.forced else "trade"
    return {
        "trade_id": number,
        "trade_id_str": str(number),
        "tx_hash": f"{number:080x}",
        "type": kind if fact.market else "deleverage",
        "market_id": contract.id,
        "size": fact.quantity,
        "price": fact.price,
        "usd_amount": f"{Decimal(fact.value):.6f}",
        "ask_id": 281_474_976_710_656 + fact.id,
        "bid_id": 562_949_953_421_312 + fact.id,
        "ask_account_id": 20,
        "bid_account_id": 1077,
        "is_maker_ask": not fact.maker_buys,
        "block_height": fact.time // 40,
        "timestamp": fact.time,
        "transaction_time": fact.time * 1000 + fact.id % 1000,
    }


def candle(bar: BarFact) -> dict[str, object]:
    """Amounts that are zero are left out.

    No document tells whether a minute without a trade has a candle: here it repeats the price.
    """
    told: dict[str, object] = {
        "t": bar.open_time,
        "o": bare(bar.open),
        "h": bare(bar.high),
        "l": bare(bar.low),
        "c": bare(bar.close),
        "i": max(bar.last_id, 0),
        "O": bar.open,
        "H": bar.high,
        "L": bar.low,
        "C": bar.close,
    }
    if bar.trades:
        told |= {"v": bare(bar.volume), "V": bare(bar.turnover)}
    return told


def percent(fraction: str) -> Decimal:
    return Decimal(fraction).scaleb(2)


def settlement(time: int, rate: Decimal, mark: str) -> dict[str, object]:
    """In seconds; percent without its sign. Longs pay a positive rate."""
    return {
        "timestamp": time // 1000,
        "value": f"{abs(rate) * Decimal(mark or 0) / 100:.8f}",
        "rate": f"{abs(rate):f}",
        "direction": "short" if rate < 0 else "long",
    }


def hourly(facts: Iterable[SettlementFact]) -> list[dict[str, object]]:
    return [settlement(fact.time, percent(fact.rate), fact.mark) for fact in facts]


def daily(facts: Iterable[SettlementFact]) -> list[dict[str, object]]:
    """The rates of a day together."""
    sums: dict[int, Decimal] = {}
    for fact in facts:
        day = fact.time // 86_400_000 * 86_400_000
        sums[day] = sums.get(day, Decimal(0)) + percent(fact.rate)
    return [settlement(day, rate, "") for day, rate in sums.items()]


def rates(contract: Contract, source: Source) -> list[dict[str, object]]:
    """A fraction for eight hours, of this exchange and of others."""
    rate = Decimal(source.mark().rate) * RATE_HOURS
    told = {name: rate * Decimal(times) for name, times in OTHERS.items()} | {"lighter": rate}
    return [
        {
            "market_id": contract.id,
            "exchange": name,
            "symbol": contract.symbol,
            "rate": bare(f"{each:f}"),
        }
        for name, each in told.items()
    ]


def stats(contract: Contract, source: Source) -> dict[str, object]:
    """Open interest in quote; rates in percent an hour, the running one and the last settled."""
    mark, day, top = source.mark(), source.day(), source.top()
    value = Decimal(source.open_interest()[0]) * Decimal(mark.mark)
    (settled,) = source.settlements(LATEST)
    best = {} if top is None else {"best_ask_price": top.ask[0], "best_bid_price": top.bid[0]}
    return {
        "symbol": contract.symbol,
        "market_id": contract.id,
        "index_price": mark.index,
        "mark_price": mark.mark,
        **best,
        "open_interest": f"{value.quantize(VALUE):f}",
        "open_interest_limit": "72057594037927936.000000",
        "funding_clamp_small": "0.0500",
        "funding_clamp_big": "4.0000",
        "last_trade_price": day.last,
        "current_funding_rate": f"{percent(mark.rate):f}",
        "funding_rate": f"{percent(settled.rate):f}",
        "funding_timestamp": settled.time,
        "daily_base_token_volume": bare(day.volume),
        "daily_quote_token_volume": bare(day.turnover),
        "daily_price_low": bare(day.low),
        "daily_price_high": bare(day.high),
        "daily_price_change": bare(day.change_pct),
        "base_interest_rate": "0.0100",
    }
