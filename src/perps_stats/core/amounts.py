"""Amounts as people write them: ``250000``, ``250k``, ``1.5m``."""

import re
from decimal import Decimal

from perps_stats.core.errors import BadInput

AMOUNT = r"(?=[0-9.]*[1-9])[0-9]{1,18}(\.[0-9]{1,18})?"
SCALES = {"": 0, "k": 3, "m": 6}
AMOUNT_PATTERN = rf"{AMOUNT}[kKmM]?"


def parse_amount(text: str, *, field: str = "size") -> Decimal:
    """In quote coin, above 0. Raises ``BadInput`` that names ``field``."""
    if not re.fullmatch(AMOUNT_PATTERN, text, re.ASCII):
        raise BadInput(field, text, "use an amount in quote coin above 0, such as 100000 or 250k")
    number = text.rstrip("kKmM")
    exact = Decimal(f"{number}e{SCALES[text[len(number) :].lower()]}")
    return Decimal(f"{exact:f}")
