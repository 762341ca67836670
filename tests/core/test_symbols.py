"""Names of markets: one look-up for all forms, without guessing, and back again."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.core.errors import UnknownMarket
from perps_stats.core.symbols import (
    Registry,
    canonical,
    ccxt_name,
    coins_of,
    full_name,
    shares_a_base,
    with_symbols,
)
from perps_stats.core.types import Market, MarketStatus

QUOTES = ("USDT", "USDC")


def listed(native: str, base: str, quote: str = "USDT", settle: str = "") -> Market:
    contract = canonical(base, quote)
    settle = settle or quote
    return Market(native=native, contract=contract, base=base, quote=quote, settle=settle)


def registry(*markets: Market, turnovers: dict[str, Decimal] | None = None) -> Registry:
    return Registry(with_symbols(markets, "venue", QUOTES, turnovers))


def named(*names: str, quote: str = "USDT") -> list[Market]:
    """As an adapter lists them: the coins and multipliers that base names mean."""
    coins = coins_of(names)
    return [
        msgspec.structs.replace(
            listed(f"{name}{quote}", coins[name][0], quote), multiplier=Decimal(coins[name][1])
        )
        for name in names
    ]


@pytest.mark.parametrize(
    ("base", "coin", "count"),
    [
        ("1000PEPE", "PEPE", 1000),
        ("10000SATS", "SATS", 10_000),
        ("1000000MOG", "MOG", 1_000_000),
        ("1MBABYDOGE", "BABYDOGE", 1_000_000),
        ("kBONK", "BONK", 1000),
        ("1INCH", "1INCH", 1),
        ("KAVA", "KAVA", 1),
        ("BTC", "BTC", 1),
        ("1000", "1000", 1),
        ("100X", "100X", 1),
    ],
)
def test_multiplied_names(base: str, coin: str, count: int) -> None:
    """Only what is known to be a thousand coins is; a coin may begin with a digit or a K."""
    assert coins_of([base])[base] == (coin, count)


def test_a_thousand_cats_beside_a_cat_are_two_coins() -> None:
    """Each keeps its own name, whoever is asked for; beside nothing else it would be CAT."""
    both = registry(*named("1000CAT", "CAT"))
    assert {market.native: market.symbol for market in both.markets} == {
        "1000CATUSDT": "1000CAT",
        "CATUSDT": "CAT",
    }
    assert both.find("1000CAT").native == "1000CATUSDT"
    assert both.find("CAT").native == "CATUSDT"
    assert both.find("1000CAT-USDT-PERP").native == "1000CATUSDT"
    alone = registry(*named("1000CAT"))
    assert alone.find("CAT").multiplier == 1000


@pytest.mark.parametrize(
    "name",
    [
        *("PEPE", "pepe", "1000PEPE", "kPEPE", "KPEPE", "kPEPE-USDT-PERP", "1000PEPEUSDT"),
        *("PEPE-USDT-PERP", "PEPE/USDT:USDT", "venue:PEPE", "venue:kPEPE-USDT-PERP"),
    ],
)
def test_every_way_to_write_a_thousand(name: str) -> None:
    """All of them mean the one market that trades it by the thousand."""
    market = registry(*named("1000PEPE", "BTC")).find(name)
    assert (market.native, str(market.multiplier)) == ("1000PEPEUSDT", "1000")


def test_a_listed_coin_is_not_taken_for_a_thousand_of_another() -> None:
    """KAS is listed, so that it is not a thousand AS."""
    found = registry(*named("1000AS", "KAS"))
    assert found.find("KAS").native == "KASUSDT"
    assert found.find("1000AS").native == "1000ASUSDT"


def test_the_most_traded_quote_takes_the_bare_name() -> None:
    """On the whole exchange, not of one coin; the others need the canonical form."""
    markets = (listed("BTCUSDC", "BTC", "USDC"), listed("BTCUSDT", "BTC"))
    assert shares_a_base(markets)
    assert registry(*markets).find("BTC").native == "BTCUSDT"
    turnovers = {"USDC": Decimal(9), "USDT": Decimal(5)}
    traded = registry(*markets, turnovers=turnovers)
    assert traded.find("BTC").native == "BTCUSDC"
    assert traded.find("BTC-USDT-PERP").native == "BTCUSDT"
    assert [market.symbol for market in traded.markets] == ["BTC", "BTC-USDT-PERP"]
    assert not shares_a_base([listed("BTCUSDT", "BTC"), listed("ETHUSDC", "ETH", "USDC")])


def test_a_halted_market_does_not_take_the_bare_name() -> None:
    """Whatever it is quoted in."""
    halted = msgspec.structs.replace(listed("BTCUSDT", "BTC"), status=MarketStatus.HALTED)
    assert registry(halted, listed("BTCUSDC", "BTC", "USDC")).find("BTC").native == "BTCUSDC"


def test_an_ambiguous_name_lists_its_candidates() -> None:
    """Where neither turnover nor the exchange's usual order decides, the user must."""
    markets = (listed("BTCUSD1", "BTC", "USD1"), listed("BTCUSDF", "BTC", "USDF"))
    found = registry(*markets)
    with pytest.raises(UnknownMarket, match="names more than one market") as raised:
        found.find("BTC")
    assert raised.value.candidates == ("BTC-USD1-PERP", "BTC-USDF-PERP")
    assert raised.value.exit_code == 2
    assert "BTC" not in found
    assert found.find("BTC-USDF-PERP").native == "BTCUSDF"


def test_two_listings_of_one_contract_go_by_their_native_names() -> None:
    """An exchange may list a contract twice."""
    found = registry(listed("BTC_A", "BTC"), listed("BTC_B", "BTC"))
    with pytest.raises(UnknownMarket) as raised:
        found.find("BTC-USDT-PERP")
    assert raised.value.candidates == ("BTC_A", "BTC_B")
    assert found.find("btc_a").native == "BTC_A"


def test_the_exchange_s_own_name_of_a_coin_is_understood() -> None:
    """Where it says XBT for BTC, either works."""
    markets = with_symbols([listed("XBTUSDTM", "BTC")], "venue", QUOTES)
    found = Registry(markets, {"XBT": "BTC"})
    for name in ("BTC", "XBT", "XBTUSDTM", "XBT-USDT-PERP", "XBT/USDT:USDT"):
        assert found.find(name).symbol == "BTC"


WORDS = "BTC ETH CAT 1000CAT kCAT KCAT PEPE 1000PEPE 1MPEPE AS KAS 1000AS BTCUSDT XBT 1INCH"
NAMES = st.sampled_from(WORDS.split())
NATIVES = st.text("BTCkK10-USDM", min_size=1, max_size=6)
LISTINGS = st.lists(
    st.tuples(NAMES, st.sampled_from(["USDT", "USDC", "USD", "USDF"]), NATIVES),
    min_size=1,
    max_size=12,
    unique_by=lambda listing: listing[2],
)


def of_listings(listings: Sequence[tuple[str, str, str]]) -> Registry:
    coins = coins_of(base for base, _, _ in listings)
    return registry(
        *(
            msgspec.structs.replace(
                listed(native, coins[base][0], quote), multiplier=Decimal(coins[base][1])
            )
            for base, quote, native in listings
        )
    )


@given(LISTINGS)
def test_names_are_inverse_and_idempotent(listings: list[tuple[str, str, str]]) -> None:
    """For whatever an exchange lists: native to ours and back is the same market; so is twice."""
    found = of_listings(listings)
    assert len({market.symbol for market in found.markets}) == len(found.markets)
    for market in found.markets:
        assert found.find(market.native) is market
        assert found.find(market.symbol) is market
        assert found.find(found.find(market.native).symbol).native == market.native


def candidates(found: Registry, name: str) -> list[str]:
    """The natives of the markets that a name may mean."""
    try:
        return [found.find(name).native]
    except UnknownMarket as error:
        listed_names = error.candidates if error.ambiguous else ()
        return [found.find(symbol).native for symbol in listed_names]


@given(LISTINGS)
def test_every_form_of_a_market_means_it_or_a_namesake(
    listings: list[tuple[str, str, str]],
) -> None:
    """Canonical, ccxt and full names lead to their market, or to all that bear the name."""
    found = of_listings(listings)
    for market in found.markets:
        for form in (market.contract, ccxt_name(market), full_name(market)):
            meant = candidates(found, form)
            assert market.native in meant or form in {each.native for each in found.markets}
