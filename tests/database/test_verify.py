"""Each check finds what is wrong and nothing else: expected values are computed by hand."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from perps_stats.core.figures import LiquidityDepthStats, Slippage
from perps_stats.core.stored import Mark, Query
from perps_stats.core.types import FundingKind, FundingRate, Kline, Orderbook, Side
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rollups import is_timescale, roll_up
from perps_stats.database.verify.checks import CHECKS
from perps_stats.database.verify.running import Step, verify
from perps_stats.database.verify.verdicts import SHOWN, Outcome

from .samples import NOON, candle, gap, level, market, ticker, trade

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOW = NOON + 5 * HOUR
BOOK = Orderbook(
    exchange="binance",
    symbol="BTC",
    bids=[level("99.99", "2"), level("99.95", "1"), level("99.80", "5")],
    asks=[level("100.01", "1"), level("100.05", "3"), level("100.20", "4")],
    timestamp=NOON,
)
"""Mid is 100; both sides are stored for 20 bps."""
DEPTH = LiquidityDepthStats(
    exchange="binance",
    symbol="BTC",
    timestamp=NOON,
    mid_price=Decimal(100),
    bid_1bps=Decimal("199.98"),
    bid_2_5bps=Decimal("199.98"),
    bid_5bps=Decimal("299.93"),
    bid_10bps=Decimal("299.93"),
    bid_20bps=Decimal("798.93"),
    bid_50bps=Decimal(5000),
    ask_1bps=Decimal("100.01"),
    ask_2_5bps=Decimal("100.01"),
    ask_5bps=Decimal("400.16"),
    ask_10bps=Decimal("400.16"),
    ask_20bps=Decimal("800.96"),
    ask_50bps=Decimal(5000),
    reach_bid_bps=Decimal(60),
    reach_ask_bps=Decimal(60),
)
COST = Slippage(
    exchange="binance",
    symbol="BTC",
    side=Side.BUY,
    trade_amount=Decimal(100),
    reference="mid",
    reference_price=Decimal(100),
    avg_price=Decimal("100.01"),
    slippage_bps=Decimal(1),
    slippage_pct=Decimal("0.0001"),
    fillable=True,
    timestamp=NOON,
)


@pytest.fixture
async def held(repository: PostgresRepository) -> PostgresRepository:
    await repository.store_markets([market(), market(base="ETH")], simulated=False)
    return repository


async def run(held: PostgresRepository, *names: str, query: Query | None = None) -> list[Outcome]:
    return await verify(held.link, query or Query(), names, now=NOW, tell=lambda _step, _rows: None)


async def outcome(held: PostgresRepository, name: str) -> tuple[int, int, dict[str, int]]:
    """Equal, different, not comparable by reason."""
    found = await run(held, name)
    if not found:
        return 0, 0, {}
    (one,) = found
    return one.equal, one.different, dict(one.not_comparable)


async def differing(
    held: PostgresRepository, name: str
) -> list[tuple[str, str | None, str | None]]:
    (one,) = await run(held, name)
    return [(each.field, each.stored, each.derived) for each in one.first]


async def test_bands_within_the_stored_levels_are_equal(held: PostgresRepository) -> None:
    """What lies deeper than the stored levels is not compared: 50 bps may be anything."""
    await held.store_orderbooks([BOOK])
    await held.store_liquidity_depth([DEPTH, structs.replace(DEPTH, timestamp=NOON + SECOND)])
    assert await outcome(held, "liquidity") == (1, 0, {})


async def test_a_wrong_band_is_found(held: PostgresRepository) -> None:
    """With both values."""
    await held.store_orderbooks([BOOK])
    wrong = structs.replace(DEPTH, bid_5bps=Decimal("299.94"), mid_price=Decimal("100.005"))
    await held.store_liquidity_depth([wrong])
    assert await differing(held, "liquidity") == [
        ("mid_price", "100.005", "100.00"),
        ("bid_5bps", "299.94", "299.93"),
    ]


async def test_a_floor_is_not_compared(held: PostgresRepository) -> None:
    """Known for 5 bps, the band of 10 is at least so much: the stored levels may hold more."""
    await held.store_orderbooks([BOOK])
    floor = structs.replace(DEPTH, reach_bid_bps=Decimal(5), bid_10bps=Decimal(1))
    await held.store_liquidity_depth([floor])
    assert await outcome(held, "liquidity") == (1, 0, {})
    empty = LiquidityDepthStats(exchange="binance", symbol="ETH", timestamp=NOON)
    await held.store_orderbooks([structs.replace(BOOK, symbol="ETH")])
    await held.store_liquidity_depth([empty])
    unknown = {"the book was not known at its best prices": 1}
    assert await outcome(held, "liquidity") == (1, 0, unknown)


async def test_a_whole_book_covers_every_band(held: PostgresRepository) -> None:
    """Beyond its last level there is nothing: 50 bps hold what 20 hold."""
    whole = structs.replace(BOOK, complete=True)
    await held.store_orderbooks([whole])
    await held.store_liquidity_depth([structs.replace(DEPTH, complete=True)])
    assert await differing(held, "liquidity") == [
        ("bid_50bps", "5000", "798.93"),
        ("ask_50bps", "5000", "800.96"),
    ]


async def test_slippage_of_what_the_stored_levels_fill(held: PostgresRepository) -> None:
    """The others are not compared, and it is said why."""
    await held.store_orderbooks([BOOK])
    more = structs.replace(COST, trade_amount=Decimal(10000))
    unknown = structs.replace(COST, trade_amount=Decimal(200), fillable=None, avg_price=None)
    mark = structs.replace(COST, trade_amount=Decimal(50), reference="mark")
    await held.store_slippage([COST, more, unknown, mark])
    assert await outcome(held, "slippage") == (
        1,
        0,
        {
            "the stored levels end before the amount": 1,
            "what was known of the book ends before the amount": 1,
            "its reference is not the mid of the book": 1,
        },
    )


async def test_a_wrong_slippage_is_found(held: PostgresRepository) -> None:
    """A sell of 199.98 takes the best bid: 1 bps."""
    await held.store_orderbooks([BOOK])
    sell = structs.replace(COST, side=Side.SELL, trade_amount=Decimal("199.98"))
    await held.store_slippage([sell])
    assert await differing(held, "slippage") == [("avg_price", "100.01", "99.99")]


async def collected(held: PostgresRepository, seconds: float) -> None:
    """A session heard the trades of BTC from noon on."""
    ids = await held.store_markets([market()], simulated=False)
    session = await held.begin_session()
    await held.write({}, [Mark(ids["BTCUSDT"], "trades", NOON, NOON + seconds * SECOND)])
    await held.end_session(session)


def minute(number: int, *figures: str, volume: str = "1", trades: int | None = 3) -> Kline:
    """The candle of the minute, with its four prices."""
    first, high, low, last = map(Decimal, figures)
    return structs.replace(
        candle(NOON + number * MINUTE),
        open=first,
        high=high,
        low=low,
        close=last,
        volume=Decimal(volume),
        trades=trades,
    )


async def traded(held: PostgresRepository, *prices: tuple[str, float, str]) -> None:
    """Trades by id, seconds after noon and price, each of a quantity of 0.5."""
    await held.store_trades(
        [
            structs.replace(
                trade(at=NOON + after * SECOND),
                id=name,
                price=Decimal(price),
                quantity=Decimal("0.5"),
            )
            for name, after, price in prices
        ]
    )


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


async def test_stored_hours_are_those_of_their_rows(held: PostgresRepository) -> None:
    """One that was tampered with is found, field by field; the running one is not stored yet."""
    if await is_timescale(held.link):
        pytest.skip("its hours are kept by the extension, and cannot be tampered with")
    for seconds, last in ((0, "3"), (600, "5"), (4 * 3600 + 60, "9")):
        await held.store_tickers([ticker(at=NOON + seconds * SECOND, last=last)])
    await roll_up(held.link, {}, now=NOW - MINUTE)
    assert await outcome(held, "hours") == (1, 0, {"the hour is not stored yet": 1})
    await held.link.fetch("update tickers_1h_stored set last_price_avg = 4.5, samples = 3")
    assert await differing(held, "hours") == [
        ("samples", "3", "2"),
        ("last_price_avg", "4.5", "4.0000000000000000"),
    ]
    await held.link.fetch("delete from tickers where ts < $1", NOON + HOUR)
    assert (await outcome(held, "hours"))[1] == 0


async def test_a_part_of_an_hour_is_not_compared(held: PostgresRepository) -> None:
    """A span that begins within it sees not all of its rows."""
    await held.store_tickers([ticker(at=NOON), ticker(at=NOON + 1800 * SECOND)])
    await roll_up(held.link, {}, now=NOW)
    assert await run(held, "hours", query=Query(start=NOON + SECOND)) == []
    assert len(await run(held, "hours", query=Query(start=NOON))) == 1


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


async def test_only_the_first_differences_are_told(held: PostgresRepository) -> None:
    """All are counted; those that are told are the first of the exchange."""
    await collected(held, 60 * 20)
    await held.store_klines([minute(n, *"1111", trades=None) for n in range(20)])
    (found,) = await run(held, "klines")
    assert (found.different, len(found.first)) == (20, SHOWN)
    assert found.first[0].timestamp == NOON


async def test_the_span_and_the_markets_count(held: PostgresRepository) -> None:
    """Half-open; and what is told while it runs names the step."""
    candles: Sequence[Kline] = [minute(n, *"1111") for n in range(5)]
    await held.store_klines(candles)
    await held.store_klines([candle(NOON, symbol="ETH")])
    span = Query(start=NOON + MINUTE, end=NOON + 3 * MINUTE, markets=(("binance", "BTC"),))
    (found,) = await run(held, "klines", query=span)
    assert found.not_comparable.total() == 2
    told: list[tuple[Step, int]] = []
    await verify(
        held.link,
        Query(),
        ("klines", "marks"),
        now=NOW,
        tell=lambda step, rows: told.append((step, rows)),
    )
    assert told == [
        (Step("klines", "binance:BTC", 1, 4), 1 + at)
        if at < 5
        else (Step("klines", "binance:ETH", 2, 4), 1)
        for at in range(6)
    ]


async def test_an_empty_database_has_nothing_to_compare(held: PostgresRepository) -> None:
    """No outcome is invented."""
    assert await run(held, *CHECKS) == []
