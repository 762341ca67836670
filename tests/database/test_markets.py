"""Exchanges and markets: their numbers stay, their names may change hands."""

from decimal import Decimal

import pytest
from msgspec import structs

from perps_stats.core.errors import DatabaseError
from perps_stats.core.stored import StoredExchange
from perps_stats.core.types import Market, MarketStatus
from perps_stats.database.repository import PostgresRepository

from .samples import market, trade


async def test_a_market_survives_with_every_field(repository: PostgresRepository) -> None:
    """Exact decimals, and None where the exchange did not say."""
    full = structs.replace(
        market(),
        contract_size=Decimal("0.0010"),
        multiplier=Decimal(1000),
        price_scale=2,
        max_leverage=Decimal(125),
        taker_fee=Decimal("-0.00010"),
        status=MarketStatus.HALTED,
    )
    bare = market(base="ETH")
    await repository.store_markets([full, bare], simulated=False)
    assert await repository.get_markets() == [full, bare]
    assert str((await repository.get_markets(symbol="btc"))[0].contract_size) == "0.0010"


async def test_numbers_stay(repository: PostgresRepository) -> None:
    """A market that is stored again keeps its number and learns what changed."""
    first = await repository.store_markets([market(), market(base="ETH")], simulated=False)
    changed = structs.replace(market(), tick_size=Decimal("0.5"))
    again = await repository.store_markets([changed], simulated=False)
    assert again == {"BTCUSDT": first["BTCUSDT"]}
    assert [one.tick_size for one in await repository.get_markets("binance", "BTC")] == [
        Decimal("0.5")
    ]
    assert await repository.get_markets("bybit") == []


async def test_live_and_simulated_are_never_mixed(repository: PostgresRepository) -> None:
    """The second kind is refused with what to do, and nothing of it is kept."""
    await repository.store_markets([market()], simulated=True)
    await repository.store_markets([market("bybit")], simulated=False)
    with pytest.raises(
        DatabaseError, match=r"^binance: .* holds simulated data and this is live.*DATABASE_URL"
    ):
        await repository.store_markets([market(base="ETH")], simulated=False)
    assert len(await repository.get_markets("binance")) == 1
    assert await repository.get_exchanges() == [
        StoredExchange("binance", simulated=True),
        StoredExchange("bybit", simulated=False),
    ]


async def test_a_short_name_passes_on(repository: PostgresRepository) -> None:
    """A new listing takes the symbol; the old market is then known by its native name."""
    old = structs.replace(market(quote="USD"), symbol="BTC")
    ids = await repository.store_markets([old], simulated=False)
    ids |= await repository.store_markets([market()], simulated=False)
    assert {one.symbol: one.native for one in await repository.get_markets()} == {
        "BTC": "BTCUSDT",
        "BTCUSD": "BTCUSD",
    }
    await repository.store_trades([trade()])
    rows = await repository.link.fetch("select market_id from trades")
    assert [row[0] for row in rows] == [ids["BTCUSDT"]]


async def test_two_markets_exchange_their_names(repository: PostgresRepository) -> None:
    """Names that change hands within one list do not collide."""
    pair = [market(), market(quote="USDC")]
    await repository.store_markets(pair, simulated=False)
    crossed = [
        structs.replace(one, symbol=other.symbol)
        for one, other in zip(pair, reversed(pair), strict=True)
    ]
    await repository.store_markets(crossed, simulated=False)
    assert {one.native: one.symbol for one in await repository.get_markets()} == {
        "BTCUSDT": "BTC-USDC-PERP",
        "BTCUSDC": "BTC",
    }


@pytest.mark.parametrize(
    "markets",
    [
        [market(), structs.replace(market(quote="USDC"), symbol="BTC")],
        [structs.replace(market(), symbol="")],
        [structs.replace(market(), exchange="")],
    ],
)
async def test_a_name_means_one_market(
    repository: PostgresRepository, markets: list[Market]
) -> None:
    """Two markets under one symbol, or none, could not be told apart afterwards."""
    with pytest.raises(DatabaseError, match="cannot both be kept under the symbol"):
        await repository.store_markets(markets, simulated=False)


async def test_a_record_of_an_unknown_market_is_refused(repository: PostgresRepository) -> None:
    """It is not dropped, and the market is named."""
    await repository.store_markets([market()], simulated=False)
    with pytest.raises(DatabaseError, match="binance: no market 'ETH' was ever stored"):
        await repository.store_trades([trade(symbol="ETH")])
