"""What a simulator can be asked to be."""

from pathlib import Path

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim import SimSettings


def test_the_defaults_are_a_market_of_three_coins() -> None:
    """Without any setting it is the model of BTC, ETH and SOL on any free port."""
    settings = SimSettings()
    settings.check()
    assert settings.symbols == ("BTC", "ETH", "SOL")
    assert (settings.tape, settings.port, settings.speed) == (None, 0, 1.0)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (SimSettings(exchanges=()), "exchanges"),
        (SimSettings(symbols=()), "symbols"),
        (SimSettings(speed="max"), "speed"),
        (SimSettings(speed=0.0, tape=Path("t")), "speed"),
        (SimSettings(exchanges=("a", "b"), tape=Path("t")), "exchanges"),
        (SimSettings(faults=("drop",)), "fault"),
        (SimSettings(generosity=0), "generosity"),
        (SimSettings(coins=-1), "coins"),
        (SimSettings(coins=1000), "coins"),
        (SimSettings(rate=0.01), "rate"),
        (SimSettings(rate=51.0), "rate"),
    ],
)
def test_contradictions_name_their_field(settings: SimSettings, field: str) -> None:
    """A bad value is an input error with the field in front."""
    with pytest.raises(BadInput) as caught:
        settings.check()
    assert caught.value.field == field


def test_made_up_coins_are_traded_beside_the_named_ones() -> None:
    """They alone are enough."""
    assert SimSettings(symbols=("BTC",), coins=2).traded == ("BTC", "C001", "C002")
    SimSettings(symbols=(), coins=1).check()
