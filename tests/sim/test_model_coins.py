"""The coins of the model: the known ones, and as many made-up ones as a load needs."""

import pytest

from perps_stats.core.errors import BadInput
from perps_stats.sim.candles import MINUTE_MS
from perps_stats.sim.model.coins import MOST_MADE_UP, coin_named, made_up_names
from perps_stats.sim.model.history import History

from .wire import NOON


def test_made_up_coins_are_numbered() -> None:
    """C001 to C999, each always the same."""
    names = made_up_names(MOST_MADE_UP)
    assert (names[0], names[-1], len(set(names))) == ("C001", "C999", 999)
    coins = [coin_named(name) for name in names[:400]]
    assert [coin.name for coin in coins] == list(names[:400])
    assert coin_named("C007") == coin_named("C007")


@pytest.mark.parametrize("name", ["C000", "C1", "C1000", "c001", "BTCC"])
def test_another_name_is_an_error_that_tells_what_there_is(name: str) -> None:
    """It names the made-up ones too."""
    with pytest.raises(BadInput, match=r"trades .*C001 to C999"):
        coin_named(name)


@pytest.mark.parametrize("name", ["C001", "C002", "C003", "C004", "C005"])
def test_a_made_up_coin_trades_all_day(name: str) -> None:
    """Each minute has prints of at least two lots, within the minute."""
    history = History(7, name, coin_named(name))
    for minute in range(NOON // MINUTE_MS, NOON // MINUTE_MS + 1440, 97):
        prints = history.prints(minute)
        assert len(prints) >= 12
        assert min(one.quantity for one in prints) >= 2
        assert {one.time // MINUTE_MS for one in prints} == {minute}
