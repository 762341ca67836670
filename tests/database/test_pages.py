"""Paging by key: every row exactly once, whatever is written meanwhile."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import Struct, structs

from perps_stats.core import catalogue
from perps_stats.core.catalogue import DataSet
from perps_stats.core.errors import BadInput
from perps_stats.core.figures import Slippage
from perps_stats.core.stored import Cursor, GapFilter, Query
from perps_stats.core.types import (
    FundingKind,
    FundingRate,
    Gap,
    Kline,
    OpenInterest,
    Side,
    Trade,
)
from perps_stats.database import pages
from perps_stats.database.repository import PostgresRepository
from perps_stats.database.rows import cursor_after

from .samples import LAST, NOON, RECORDS, candle, gap, market, ticker, trade

SYMBOLS = ("BTC", "ETH", "BTC-USDC-PERP")


@pytest.fixture
async def markets(repository: PostgresRepository) -> None:
    listed = [market(), market(base="ETH"), market(quote="USDC")]
    await repository.store_markets(listed, simulated=False)
    await repository.store_markets([market("bybit")], simulated=False)


async def every_page(
    repository: PostgresRepository, data_set: DataSet, query: Query
) -> list[Struct]:
    """Follow the cursors to the end."""
    found: list[Struct] = []
    while rows := await pages.page(repository.link, data_set, query):
        found += rows
        assert len(rows) <= query.limit
        query = structs.replace(query, after=cursor_after(data_set, rows[-1]))
    return found


def crowd() -> list[Trade]:
    """Trades of four markets, most at the same time, whose ids sort unlike numbers."""
    return [
        structs.replace(
            trade(number, symbol, NOON + timedelta(seconds=number % 3 // 2)), exchange=exchange
        )
        for number in (1, 2, 3, 9, 10, 11, 100)
        for exchange, symbol in [("bybit", "BTC"), *(("binance", name) for name in SYMBOLS)]
    ]


def order(one: Trade) -> tuple[datetime, str, str, str]:
    return one.timestamp, one.id, one.exchange, one.symbol


@pytest.mark.usefixtures("markets")
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 27, 28, 100])
@pytest.mark.parametrize("newest_first", [False, True])
async def test_pages_are_the_whole_in_order(
    repository: PostgresRepository,
    limit: int,
    newest_first: bool,  # noqa: FBT001  a parameter
) -> None:
    """Rows of one moment are told apart by id, exchange and symbol, in both directions."""
    await repository.store_trades(crowd())
    query = Query(limit=limit, newest_first=newest_first)
    found = await every_page(repository, catalogue.TRADES, query)
    assert found == sorted(crowd(), key=order, reverse=newest_first)


@pytest.mark.parametrize(("data_set", "records"), RECORDS, ids=lambda one: getattr(one, "name", ""))
@pytest.mark.parametrize("newest_first", [False, True])
async def test_every_data_set_pages(
    repository: PostgresRepository,
    data_set: DataSet,
    records: Sequence[Struct],
    newest_first: bool,  # noqa: FBT001  a parameter
) -> None:
    """One row a page covers each row once, at the first and last moments too."""
    await repository.store_markets([market()], simulated=False)
    await repository.store(data_set, records)
    found = await every_page(repository, data_set, Query(limit=1, newest_first=newest_first))
    assert len(found) == len(records)
    assert all(found.count(one) == 1 for one in records)


@pytest.mark.usefixtures("markets")
async def test_pages_survive_inserts(repository: PostgresRepository) -> None:
    """Rows written between two pages shift nothing: the old ones come once each."""
    old = [ticker(at=NOON + timedelta(seconds=second)) for second in range(0, 20, 2)]
    await repository.store_tickers(old)
    found: list[Struct] = []
    query = Query(limit=3)
    for second in range(1, 40, 2):
        rows = await repository.get_tickers(query)
        found += rows
        await repository.store_tickers(
            [ticker("ETH", NOON + timedelta(seconds=at)) for at in (second - 9, second)]
        )
        if not rows:
            break
        query = structs.replace(query, after=cursor_after(catalogue.TICKERS, rows[-1]))
    assert [one for one in found if one in old] == old
    assert len(found) == len({cursor_after(catalogue.TICKERS, one) for one in found})


@pytest.mark.usefixtures("markets")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), {"binance BTC", "binance ETH", "binance BTC-USDC-PERP", "bybit BTC"}),
        (Query(exchange="bybit"), {"bybit BTC"}),
        (Query(exchange="Bybit"), set()),
        (Query(symbol="btc"), {"binance BTC", "bybit BTC"}),
        (Query(symbol="BTCusdt"), {"binance BTC", "bybit BTC"}),
        (Query(symbol="BTC-usdc-PERP"), {"binance BTC-USDC-PERP"}),
        (Query(symbol="DOGE"), set()),
        (Query(exchange="binance", symbol="ethusdt"), {"binance ETH"}),
        (Query(markets=(("bybit", "BTC"), ("binance", "ETH"))), {"bybit BTC", "binance ETH"}),
        (Query(markets=()), set()),
    ],
)
async def test_markets_are_chosen_by_any_name(
    repository: PostgresRepository, query: Query, expected: set[str]
) -> None:
    """Symbol, contract or native in any case; exchanges and named markets exactly."""
    await repository.store_trades(crowd())
    last = [structs.replace(ticker(one.symbol), exchange=one.exchange) for one in crowd()[:4]]
    await repository.store_tickers(last)
    for rows in (await repository.get_trades(query), await repository.get_latest_tickers(query)):
        assert {f"{one.exchange} {one.symbol}" for one in rows} == expected


@pytest.mark.usefixtures("markets")
async def test_a_span_is_half_open(repository: PostgresRepository) -> None:
    """Its start belongs to it, its end does not."""
    seconds = [NOON + timedelta(seconds=second) for second in range(4)]
    await repository.store_tickers([ticker(at=second) for second in seconds])
    found = await repository.get_tickers(Query(start=seconds[1], end=seconds[3]))
    assert [one.timestamp for one in found] == seconds[1:3]
    after = Cursor(seconds[1], ("binance", "BTC"))
    found = await repository.get_tickers(Query(start=seconds[0], end=seconds[3], after=after))
    assert [one.timestamp for one in found] == seconds[2:3]


@pytest.mark.usefixtures("markets")
async def test_rows_are_chosen_by_their_key(repository: PostgresRepository) -> None:
    """By side, amount (as a number), kind; candles by interval."""
    await repository.store_slippage(slippages(NOON))
    chosen = Query(only={"side": "buy", "trade_amount": "1000.0"})
    for rows in (
        await repository.get_slippage(chosen),
        await repository.get_latest_slippage(chosen),
    ):
        assert [(one.side, one.trade_amount) for one in rows] == [(Side.BUY, Decimal(1000))]
    klines = [one for one in records_by_name()["klines"] if isinstance(one, Kline)]
    await repository.store_klines(klines)
    assert [one.interval for one in await repository.get_klines(Query(), "1h")] == ["1h"]
    rates = [one for one in records_by_name()["funding_rates"] if isinstance(one, FundingRate)]
    await repository.store_funding_rates(rates)
    (settled,) = await repository.get_funding_rates(Query(only={"kind": "settled"}))
    assert settled.kind is FundingKind.SETTLED


def records_by_name() -> dict[str, list[Struct]]:
    return {one.name: records for one, records in RECORDS}


def slippages(at: datetime, amounts: Sequence[int] = (1000, 5000)) -> list[Slippage]:
    return [
        Slippage(
            exchange="binance",
            symbol="BTC",
            side=side,
            trade_amount=Decimal(amount),
            reference="mid",
            timestamp=at,
        )
        for side in Side
        for amount in amounts
    ]


@pytest.mark.usefixtures("markets")
async def test_the_latest_is_the_last_of_each_market(repository: PostgresRepository) -> None:
    """Across parts, whatever the limit; a market without rows is left out."""
    days = [NOON, NOON + timedelta(days=1), NOON + timedelta(days=40)]
    for day in days:
        await repository.store_tickers([ticker(at=day), ticker("ETH", day - timedelta(days=1))])
    found = await repository.get_latest_tickers(Query(limit=1))
    assert [(one.symbol, one.timestamp) for one in found] == [
        ("BTC", days[2]),
        ("ETH", days[2] - timedelta(days=1)),
    ]


@pytest.mark.usefixtures("markets")
async def test_the_latest_slippage_is_of_each_side_and_amount(
    repository: PostgresRepository,
) -> None:
    """An amount sampled a moment earlier counts; one that is no longer sampled does not."""
    second = timedelta(seconds=1)
    for rows in (
        slippages(NOON - 70 * second, [777]),
        slippages(NOON - second, [1000, 5000, 9000]),
        slippages(NOON, [1000, 5000]),
    ):
        await repository.store_slippage(rows)
    found = await repository.get_latest_slippage(Query(symbol="BTC"))
    assert [(one.side, int(one.trade_amount), one.timestamp) for one in found] == [
        (side, amount, NOON - second if amount == 9000 else NOON)
        for side in (Side.BUY, Side.SELL)
        for amount in (1000, 5000, 9000)
    ]


@pytest.mark.usefixtures("markets")
async def test_gaps_reach_into_a_span(repository: PostgresRepository) -> None:
    """A gap that began before the span and still lasts in it is part of the answer."""
    hour = timedelta(hours=1)
    over = structs.replace(gap("over"), end_time=NOON + hour)
    reaching = structs.replace(gap("reaching"), end_time=NOON + 3 * hour)
    inside = structs.replace(gap("inside", NOON + 2 * hour), end_time=NOON + 2 * hour)
    later = gap("later", NOON + 5 * hour)
    for one in (over, reaching, gap("open"), inside, later):
        await repository.store_gap(one)
    span = Query(start=NOON + 2 * hour, end=NOON + 4 * hour, limit=1)
    found = await every_page(repository, catalogue.GAPS, span)
    assert [one.stream for one in found if isinstance(one, Gap)] == ["open", "reaching", "inside"]


@pytest.mark.usefixtures("markets")
async def test_gaps_are_told_open_or_ended(repository: PostgresRepository) -> None:
    """``still_open`` chooses."""
    ended = structs.replace(gap("ended"), end_time=NOON)
    await repository.store_gap(ended)
    await repository.store_gap(gap("open"))
    for still_open, streams in ((None, ["ended", "open"]), (True, ["open"]), (False, ["ended"])):
        found = await repository.get_gaps(Query(), GapFilter(still_open=still_open))
        assert [one.stream for one in found] == streams


BAD: list[tuple[str, Callable[[], Query]]] = [
    ("cursor", lambda: Query(after=Cursor(NOON, ("binance", "BTC")))),
    ("cursor", lambda: Query(after=Cursor(NOON, ("buy", "ten", "binance", "BTC")))),
    ("cursor", lambda: Query(after=Cursor(NOON, ("b\0y", "10", "binance", "BTC")))),
    ("symbol", lambda: Query(symbol="\0")),
    ("exchange", lambda: Query(exchange="a\0")),
    ("trade_amount", lambda: Query(only={"trade_amount": "NaN"})),
    ("avg_price", lambda: Query(only={"avg_price": "1"})),
]


@pytest.mark.parametrize(("field", "query"), BAD)
async def test_what_cannot_be_asked_is_bad_input(
    repository: PostgresRepository, field: str, query: Callable[[], Query]
) -> None:
    """A forged cursor or value is the user's mistake, and named, not a failure of the database."""
    with pytest.raises(BadInput) as told:
        await repository.get_slippage(query())
    assert told.value.field == field


@pytest.mark.usefixtures("markets")
async def test_a_cursor_at_the_end_of_time_ends(repository: PostgresRepository) -> None:
    """The last moment of the calendar overflows nothing."""
    await repository.store_tickers([ticker(at=LAST), ticker()])
    after = Cursor(LAST, ("zzz", "zzz"))
    found = await repository.get_tickers(Query(newest_first=True, after=after))
    assert [one.timestamp for one in found] == [LAST, NOON]


@pytest.mark.usefixtures("markets")
async def test_the_last_rate_of_each_kind(repository: PostgresRepository) -> None:
    """What was settled and what is expected, of each market that has any; or of one kind."""
    rates = [
        FundingRate(
            exchange="binance",
            symbol=symbol,
            funding_rate=Decimal(hour),
            kind=kind,
            timestamp=NOON + timedelta(hours=hour),
        )
        for symbol, kind, hours in (
            ("BTC", FundingKind.SETTLED, (0, 8)),
            ("BTC", FundingKind.PREDICTED, (9, 10)),
            ("ETH", FundingKind.PREDICTED, (3,)),
        )
        for hour in hours
    ]
    await repository.store_funding_rates(rates)
    found = await repository.get_latest_funding_rates(Query())
    assert [(one.symbol, one.kind.value, int(one.funding_rate)) for one in found] == [
        ("BTC", "predicted", 10),
        ("BTC", "settled", 8),
        ("ETH", "predicted", 3),
    ]
    (settled,) = await repository.get_latest_funding_rates(Query(only={"kind": "settled"}))
    assert settled == rates[1]


@pytest.mark.usefixtures("markets")
async def test_the_last_candle_and_the_last_open_interest(repository: PostgresRepository) -> None:
    """Of each market; candles of the interval that is asked for."""
    candles = [
        candle(NOON + hours * timedelta(hours=1), interval)
        for interval, hours in (("1h", 0), ("1h", 1), ("1m", 2))
    ]
    await repository.store_klines(candles)
    assert await repository.get_latest_klines(Query(), "1h") == [candles[1]]
    assert await repository.get_latest_klines(Query(), "1d") == []
    known = [
        OpenInterest(exchange="binance", symbol=symbol, open_interest=Decimal(1), timestamp=at)
        for symbol, at in (("BTC", NOON), ("BTC", NOON - timedelta(hours=1)), ("ETH", NOON))
    ]
    await repository.store_open_interest(known)
    assert await repository.get_latest_open_interest(Query()) == [known[0], known[2]]
    assert await repository.get_latest_open_interest(Query(symbol="ETH")) == [known[2]]
