"""Names of filters: what they mean among the markets that are stored."""

import pytest
from msgspec.structs import replace

from perps_stats.api.names import Choice, Listing, Names
from perps_stats.core.errors import BadInput
from perps_stats.core.stored import StoredExchange
from perps_stats.core.types import Market
from perps_stats.database.repository import PostgresRepository

from .rows import MARKETS, OTHERS, market

STORED = [StoredExchange("binance", simulated=True), StoredExchange("kucoin", simulated=False)]


def names(markets: list[Market]) -> Names:
    return Names(["binance", "aster"], STORED, markets)


def test_a_global_symbol_means_its_market_on_every_exchange() -> None:
    """One market an exchange: the others of the same base need their canonical name."""
    assert names(MARKETS + OTHERS).choose((), ("BTC",)) == (("binance", "BTC"), ("kucoin", "BTC"))


def test_a_market_named_twice_is_chosen_once() -> None:
    """Two forms of one name are one market."""
    chosen = names(MARKETS).choose((), ("BTC", "BTCUSDT", "binance:BTC-USDT-PERP"))
    assert chosen == (("binance", "BTC"),)


def test_no_filter_does_not_restrict() -> None:
    """``None``, which is not the same as no market."""
    assert names(MARKETS).choose((), ()) is None
    assert names(MARKETS).choose(("aster",), ()) == ()


def test_a_symbol_some_exchanges_lack() -> None:
    """It is enough that one of them has it."""
    assert names(MARKETS + OTHERS).choose((), ("ETH",)) == (("binance", "ETH"),)


def test_an_ambiguous_name_lists_the_candidates() -> None:
    """Nothing is guessed."""
    twins = [
        replace(market("binance", "CAT"), symbol=name, native=name, contract=name)
        for name in ("CAT-USD1-PERP", "CAT-USDF-PERP")
    ]
    with pytest.raises(BadInput, match="names more than one market") as raised:
        names(twins).choose((), ("CAT",))
    assert raised.value.remedy.endswith("binance:CAT-USD1-PERP, binance:CAT-USDF-PERP")


def test_an_exchange_without_markets_refuses_no_symbol() -> None:
    """Where nothing is stored nothing can be called unknown."""
    assert names(MARKETS).choose(("aster",), ("BTC",)) == ()
    assert names([]).choose((), ("BTC",)) == ()


def test_simulated_is_said_of_what_is_drawn_from() -> None:
    """Of the markets that were chosen, else of the exchanges, else of all that is stored."""
    known = names(MARKETS + OTHERS)
    assert Choice(known, (), None).simulated
    assert Choice(known, (), (("binance", "BTC"),)).simulated
    assert not Choice(known, (), (("kucoin", "BTC"),)).simulated
    assert not Choice(known, ("kucoin",), ()).simulated
    assert not Choice(known, ("aster",), ()).simulated


async def test_a_listing_is_read_again_when_it_is_old(markets: PostgresRepository) -> None:
    """Within the time it may be kept it is the same."""
    listing = Listing(markets, ["binance"])
    first = await listing.names()
    await markets.store_markets([market("binance", "SOL")], simulated=True)
    assert await listing.names(3600) is first
    assert "SOL" in {market.symbol for market in (await listing.names(-1)).markets}


async def test_an_empty_listing_is_not_kept(repository: PostgresRepository) -> None:
    """The first markets are seen at once."""
    listing = Listing(repository, ["binance"])
    assert (await listing.choose((), ("BTC",))).markets == ()
    await repository.store_markets(MARKETS, simulated=True)
    assert (await listing.choose((), ("BTC",))).markets == (("binance", "BTC"),)
