"""Each check finds what is wrong and nothing else: expected values are computed by hand."""

from decimal import Decimal

from msgspec import structs
from tests.database.samples import NOON, candle, gap, trade
from tests.database.verify.stored import (
    BOOK,
    COST,
    DEPTH,
    HOUR,
    MINUTE,
    NOW,
    SECOND,
    collected,
    differing,
    minute,
    outcome,
    run,
    traded,
)

from perps_stats.core.types import FundingKind, FundingRate
from perps_stats.database.repository import PostgresRepository


async def test_a_candle_is_what_was_traded_in_its_minute(held: PostgresRepository) -> None:
    """Of one time the smaller number comes first: 9 before 10; the next minute is another."""
    await collected(held, 60)
    await traded(held, ("10", 5, "2"), ("9", 5, "3"), ("11", 59.999, "1"), ("12", 60, "7"))
    await held.store_klines([minute(0, "3", "3", "1", "1", volume="1.50"), minute(1, *"7777")])
    late = {"its trades were not collected whole": 1}
    assert await outcome(held, "klines") == (1, 0, late)


async def test_a_wrong_candle_is_found(held: PostgresRepository) -> None:
    """Each figure that differs."""
    await collected(held, 60)
    await traded(held, ("1", 1, "2"), ("2", 2, "5"))
    await held.store_klines([minute(0, "2", "4", "2", "5", volume="2")])
    assert await differing(held, "klines") == [
        ("high", "4", "5"),
        ("volume", "2", "1.0"),
        ("trades", "3", "2"),
    ]


async def test_a_minute_with_a_gap_is_not_compared(held: PostgresRepository) -> None:
    """A trade of it may be missing."""
    await collected(held, 60)
    hole = gap("trades", NOON + 59 * SECOND)
    await held.store_gap(structs.replace(hole, end_time=NOON + 59.5 * SECOND))
    await held.store_klines([minute(0, *"1111")])
    assert await outcome(held, "klines") == (0, 0, {"its trades were not collected whole": 1})


async def test_a_repaired_minute_is_compared(held: PostgresRepository) -> None:
    """What was fetched again is to make the candle whole; here it does not."""
    await collected(held, 60)
    hole = gap("trades", NOON + 10 * SECOND)
    repaired = structs.replace(hole, end_time=NOON + 20 * SECOND, repaired_at=NOW, rows_recovered=1)
    await held.store_gap(repaired)
    await traded(held, ("1", 1, "2"), ("2", 15, "2"))
    await held.store_klines([minute(0, *"2222", volume="1.5", trades=3)])
    assert await differing(held, "klines") == [("volume", "1.5", "1.0"), ("trades", "3", "2")]


async def test_a_quiet_minute_has_no_volume(held: PostgresRepository) -> None:
    """No trades, and none in the candle; its price is not compared."""
    await collected(held, 120)
    await held.store_klines([minute(0, *"5555", volume="0", trades=0), minute(1, *"5555")])
    assert await differing(held, "klines") == [("volume", "1", "0"), ("trades", "3", "0")]
    assert (await outcome(held, "klines"))[:2] == (1, 1)


async def test_aggregates_are_not_counted_as_trades(held: PostgresRepository) -> None:
    """Their volume and prices are compared, their number says nothing of the fills."""
    await collected(held, 60)
    await traded(held, ("a1", 1, "2"), ("a2", 2, "2"))
    await held.store_klines([minute(0, *"2222")])
    assert await outcome(held, "klines") == (1, 0, {})


async def test_longer_candles_are_made_of_minutes(held: PostgresRepository) -> None:
    """Of which each is stored; the others are not compared."""
    minutes = [minute(n, "2", str(5 + n), "1", str(n + 1)) for n in range(9)]
    await held.store_klines(minutes)
    five = structs.replace(
        candle(NOON, "5m"),
        open=Decimal(2),
        high=Decimal(9),
        low=Decimal(1),
        close=Decimal(5),
        volume=Decimal(5),
        trades=14,
    )
    late = structs.replace(five, open_time=NOON + 5 * MINUTE, close_time=NOON + 10 * MINUTE)
    await held.store_klines([five, late])
    assert await outcome(held, "candles") == (0, 1, {"not every minute is stored": 1})
    assert await differing(held, "candles") == [("trades", "14", "15")]


def settled(hours: float, interval: int | None) -> FundingRate:
    return FundingRate(
        exchange="binance",
        symbol="BTC",
        funding_rate=Decimal("0.0001"),
        funding_interval=None if interval is None else Decimal(interval),
        kind=FundingKind.SETTLED,
        timestamp=NOON - 30 * HOUR + hours * HOUR,
    )


async def test_an_interval_is_the_time_since_the_settlement_before(
    held: PostgresRepository,
) -> None:
    """Whatever the milliseconds; after a hole nobody knows; one that is too long is wrong."""
    rates = [
        settled(0, 8),
        settled(8.0000003, 8),
        settled(24, 8),
        settled(28, 8),
        settled(29, None),
    ]
    await held.store_funding_rates(rates)
    assert await outcome(held, "funding") == (
        1,
        1,
        {
            "none is stored before it": 1,
            "one before it is missing": 1,
            "its interval is not known": 1,
        },
    )
    assert await differing(held, "funding") == [("funding_interval", "8", "4")]


async def test_a_trade_is_stored_once(held: PostgresRepository) -> None:
    """The key holds its time: the same number at two times is two rows, and is found."""
    await traded(held, ("1", 1, "2"), ("2", 2, "2"), ("2", 2.001, "2"))
    assert (await outcome(held, "duplicates"))[:2] == (5, 1)
    assert await differing(held, "duplicates") == [("rows", "a trade at more than one time", "one")]


async def test_nothing_lies_inside_a_gap_of_the_book(held: PostgresRepository) -> None:
    """Its first and its last state were good; an open one has no end."""
    hole = structs.replace(gap("orderbook", NOON), end_time=NOON + 9 * SECOND)
    opened = gap("orderbook", NOON + 20 * SECOND)
    for each in (hole, opened, structs.replace(gap("trades", NOON), end_time=NOW)):
        await held.store_gap(each)
    good = [structs.replace(DEPTH, timestamp=NOON + n * SECOND) for n in (0, 9, 15, 20)]
    await held.store_liquidity_depth(good)
    assert await outcome(held, "gaps") == (4, 0, {})
    await held.store_orderbooks([structs.replace(BOOK, timestamp=NOON + 8.999 * SECOND)])
    await held.store_slippage([structs.replace(COST, timestamp=NOON + 20.001 * SECOND)])
    (found,) = await run(held, "gaps")
    assert (found.equal, found.different) == (4, 2)
    assert {(each.what, each.timestamp) for each in found.first} == {
        ("orderbooks", NOON + 8.999 * SECOND),
        ("slippage", NOON + 20.001 * SECOND),
    }


async def test_rows_of_streams_lie_within_their_marks(held: PostgresRepository) -> None:
    """Those that history brought bear no time of receipt, and need no mark."""
    await collected(held, 10)
    rows = [trade(n, at=NOON + n * SECOND) for n in (0, 10)]
    await held.store_trades([*rows, structs.replace(trade(11, at=NOON + HOUR), recv_ts=None)])
    assert await outcome(held, "marks") == (2, 0, {})
    await held.store_trades([trade(12, at=NOON + 10.5 * SECOND)])
    assert (await outcome(held, "marks"))[:2] == (2, 1)
