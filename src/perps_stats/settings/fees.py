"""The taker fees that the settings say: of an account's tier, or where an exchange tells none."""

from collections.abc import Mapping
from decimal import Decimal

from perps_stats.settings.tree import Settings


def taker_fees(settings: Settings) -> Mapping[str, Decimal]:
    """By exchange, as fractions of an amount."""
    return {
        name: Decimal(str(own.taker_fee))
        for name, own in settings.exchanges.items()
        if own.taker_fee is not None
    }
