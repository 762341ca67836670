"""Answers of a real service: typed rows, exact; pages that follow by themselves."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec import structs
from tests.api.rows import (
    AVERAGES,
    BOOK,
    FUNDING,
    GAP,
    KLINE,
    LIQUIDATION,
    LIQUIDITY,
    MARKETS,
    OPEN_INTEREST,
    SLIPPAGE,
    TICKER,
    TRADE,
    at,
)

from perps_stats.client import AsyncClient
from perps_stats.client.errors import BadQuestion
from perps_stats.core.errors import BadInput
from perps_stats.core.types import Side, Trade
from perps_stats.database.repository import PostgresRepository


@pytest.mark.usefixtures("stored")
async def test_rows_are_those_that_were_stored(client: AsyncClient) -> None:
    """Of every data set: exact decimals with their zeros, times in UTC, enums, ``None``."""
    assert await client.trades().all() == [TRADE]
    assert await client.tickers().all() == [TICKER]
    assert await client.tickers_history().all() == [TICKER]
    assert await client.orderbooks().all() == [BOOK]
    assert await client.orderbooks_history().all() == [BOOK]
    assert await client.funding_rates().all() == [FUNDING]
    assert await client.open_interest().all() == [OPEN_INTEREST]
    assert await client.klines(interval="1h").all() == [KLINE]
    assert await client.liquidations().all() == [LIQUIDATION]
    assert await client.liquidity().all() == [LIQUIDITY]
    assert await client.liquidity_history().all() == [LIQUIDITY]
    assert await client.liquidity_averages().all() == [AVERAGES]
    assert await client.slippage().all() == [SLIPPAGE]
    assert await client.slippage_history().all() == [SLIPPAGE]
    assert await client.gaps().all() == [GAP]
    [trade] = await client.trades().all()
    assert (str(trade.price), trade.side, trade.liquidation) == ("61659.70", Side.SELL, None)
    assert trade.timestamp.tzinfo is UTC


@pytest.mark.usefixtures("stored")
async def test_what_there_is(client: AsyncClient) -> None:
    """Markets, names, exchanges, counts, coverage."""
    markets = await client.markets(exchange="binance", symbol="BTC").all()
    assert markets == [MARKETS[0]]
    assert [each.full async for each in client.symbols(symbol="ETH")] == ["binance:ETH-USDT-PERP"]
    assert [each.simulated async for each in client.exchanges()] == [True, False]
    assert {each.rows async for each in client.stats()} == {1}
    [covered] = await client.coverage(data="klines", symbol="BTC", exchange="binance").all()
    assert covered.first == KLINE.open_time
    streams = await client.coverage_streams(stream="orderbook", by="stream").all()
    assert [each.in_gaps for each in streams] == [Decimal(2)]


@pytest.mark.usefixtures("stored")
async def test_an_answer_says_what_it_is(client: AsyncClient) -> None:
    """Its newest source time, the units of its fields, and that it is simulated."""
    meta = await client.liquidity().meta()
    assert meta.as_of == LIQUIDITY.timestamp
    assert (meta.units["bid_1bps"], meta.units["reach_bid_bps"]) == ("quote", "bps")
    assert meta.simulated
    assert not (await client.tickers(exchange="kucoin").meta()).simulated


async def store_trades(repository: PostgresRepository, numbers: range) -> list[Trade]:
    trades = [structs.replace(TRADE, id=str(n), timestamp=at(n), recv_ts=None) for n in numbers]
    await repository.store_trades(trades)
    return trades


async def test_pages_follow_by_themselves(client: AsyncClient, markets: PostgresRepository) -> None:
    """Up to ``limit`` rows of however many pages; without it to the end."""
    trades = await store_trades(markets, range(12))
    expected = {1: [1], 4: [4], 5: [5], 10: [5, 5], 12: [5, 5, 2], 13: [5, 5, 2], None: [5, 5, 2]}
    for limit, sizes in expected.items():
        asked = (("order", "asc"), *((("limit", str(limit)),) if limit else ()))
        answer = client.put("trades", Trade, asked, most=5)
        assert [len(page) async for page in answer.pages()] == sizes
        assert await answer.all() == trades[:limit]


async def test_rows_that_come_meanwhile(client: AsyncClient, markets: PostgresRepository) -> None:
    """Those that were there at the first page come once each."""
    trades = await store_trades(markets, range(0, 20, 2))
    found: list[Trade] = []
    async for page in client.put("trades", Trade, (), most=3).pages():
        found += page.rows
        await store_trades(markets, range(1 + 2 * len(found), 4 + 2 * len(found), 2))
    assert len(set(found)) == len(found)
    assert set(trades) <= set(found)


async def test_a_filter_is_said_as_rest_has_it(
    client: AsyncClient, markets: PostgresRepository
) -> None:
    """Times with a zone, dates, spans back; lists; decimals; flags."""
    await store_trades(markets, range(4))
    [trade] = await client.trades(
        exchange=("binance", "kucoin"), symbol=["BTC", "ETH"], start_time=at(1), end_time=at(2)
    ).all()
    assert trade.id == "1"
    assert len(await client.trades(start_time=date(2026, 3, 1), end_time="2026-03-02").all()) == 4
    assert len(await client.trades(start_time="-1h", order="asc").all()) == 4
    await markets.store_slippage([SLIPPAGE])
    await markets.store_gap(GAP)
    assert len(await client.slippage(side=Side.BUY, amount=Decimal("1E4")).all()) == 1
    assert len(await client.slippage(side="sell").all()) == 0
    assert len(await client.gaps(open=False, cause=["sequence", "crash"]).all()) == 1
    assert len(await client.gaps(open=True).all()) == 0


def test_a_time_without_a_zone(client: AsyncClient) -> None:
    """It is nobody's guess."""
    with pytest.raises(BadInput) as raised:
        client.trades(start_time=datetime(2026, 3, 1))  # noqa: DTZ001
    assert str(raised.value) == (
        "start_time: '2026-03-01T00:00:00' is not accepted; give it a zone, such as datetime.UTC"
    )


@pytest.mark.usefixtures("stored")
async def test_what_is_wrong_says_what_is_right(client: AsyncClient) -> None:
    """The service's own words, and its problem document."""
    with pytest.raises(BadQuestion) as raised:
        await client.trades(symbol="BTX").all()
    problem = raised.value.problem
    assert (problem.status, problem.field, problem.value) == (400, "symbol", "BTX")
    assert problem.remedy is not None
    assert problem.remedy.startswith("did you mean BTC")
    with pytest.raises(BadQuestion):
        await client.trades(limit=0).all()


def test_a_parameter_that_there_is_not(client: AsyncClient) -> None:
    """It is said before anybody is asked."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'depth'"):
        client.trades(depth=5)  # type: ignore[call-arg]
