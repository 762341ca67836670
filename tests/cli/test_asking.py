"""Which exchanges are asked about which symbols."""

import pytest

from perps_stats.cli.asking import Targets
from perps_stats.core.errors import BadInput


def test_every_exchange_is_asked_about_every_symbol() -> None:
    """A symbol without an exchange is asked of all."""
    targets = Targets.of("binance,kucoin", "BTC,ETH")
    assert targets.exchanges == ["binance", "kucoin"]
    assert targets.symbols_of("binance") == targets.symbols_of("kucoin") == ["BTC", "ETH"]


def test_a_full_name_is_asked_of_its_exchange_only() -> None:
    """``kucoin:BTC`` says which; where all do, nobody else is asked."""
    targets = Targets.of(None, "binance:BTC,kucoin:ETH-USDT-PERP")
    assert targets.exchanges == ["binance", "kucoin"]
    assert targets.symbols_of("kucoin") == ["kucoin:ETH-USDT-PERP"]
    mixed = Targets.of(None, "binance:BTC,ETH")
    assert mixed.exchanges is None
    assert mixed.symbols_of("kucoin") == ["ETH"]
    assert mixed.symbols_of("binance") == ["binance:BTC", "ETH"]


def test_without_symbols_all_are_meant() -> None:
    """``None`` stands for all markets of an exchange."""
    assert Targets.of("binance", None).symbols_of("binance") == [None]


def test_the_usual_exchanges_are_those_of_the_settings() -> None:
    """Asked only where neither the exchanges nor the symbols say which."""
    assert Targets.of(None, "BTC", "kucoin,lighter").exchanges == ["kucoin", "lighter"]
    assert Targets.of("binance", "BTC", "kucoin").exchanges == ["binance"]
    assert Targets.of(None, "binance:BTC", "kucoin").exchanges == ["binance"]


def test_a_contradiction_is_told() -> None:
    """A full name of an exchange that is not asked would silently be left out."""
    with pytest.raises(BadInput, match="name kucoin among the exchanges"):
        Targets.of("binance", "kucoin:BTC")
