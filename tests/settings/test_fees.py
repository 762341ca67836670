"""The taker fees that the settings say."""

from decimal import Decimal
from pathlib import Path

import pytest

from perps_stats.core.errors import ConfigError
from perps_stats.settings import load_settings
from perps_stats.settings.fees import taker_fees

NAME = "PERPS_STATS__EXCHANGES__{}__TAKER_FEE"


def test_fees_by_exchange(tmp_path: Path) -> None:
    """As exact fractions; of an exchange without one none, zero and a rebate are fees."""
    said = {"BINANCE": "0.0005", "KUCOIN": "0", "LIGHTER": "-0.00002"}
    environ = {NAME.format(name): text for name, text in said.items()}
    environ["PERPS_STATS__EXCHANGES__PARADEX__REST_URL"] = "http://127.0.0.1:1"
    settings, _ = load_settings({}, environ, tmp_path)
    assert taker_fees(settings) == {
        "binance": Decimal("0.0005"),
        "kucoin": Decimal(0),
        "lighter": Decimal("-0.00002"),
    }


@pytest.mark.parametrize("text", ["5", "-1", "x", "nan"])
def test_a_fee_is_a_fraction(text: str, tmp_path: Path) -> None:
    """Five percent is 0.05; what is none is refused with an example."""
    with pytest.raises(ConfigError, match=r"use a fraction of the amount, such as 0\.0005"):
        load_settings({}, {NAME.format("BINANCE"): text}, tmp_path)
