"""What questions that compare may say beside which markets and which span."""

from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import structs

from perps_stats.aggregator.comparing import MEASURES, OPEN_INTEREST, TURNOVER, VOLUME
from perps_stats.api import parameters as says
from perps_stats.api.filters import Parameter
from perps_stats.core.amounts import AMOUNT_PATTERN, parse_amount
from perps_stats.core.times import parse_duration

USUAL_MEASURES = (VOLUME, TURNOVER, OPEN_INTEREST, "depth_10bps")
DURATION = {"type": "string", "pattern": "^(?=[0-9]*[1-9])[0-9]{1,6}[smhdw]$"}


def _duration(name: str, text: str, _now: datetime) -> timedelta:
    return parse_duration(text, field=name)


def _size(name: str, text: str, _now: datetime) -> Decimal:
    return parse_amount(text, field=name)


MAX_AGE = Parameter(
    name="max_age",
    field="max_age",
    meaning="What is older is not compared: figures that would need it are null, and say so.",
    schema={**DURATION, "default": "15m"},
    read=_duration,
)
SIZE = Parameter(
    name="size",
    field="size",
    meaning="The amount that is taken (quote), such as 250000 or 250k.",
    schema={"type": "string", "pattern": f"^{AMOUNT_PATTERN}$", "default": "10000"},
    read=_size,
)
HOLD = Parameter(
    name="hold",
    field="hold",
    meaning="For how long a pair is held: what is left after that decides the order.",
    schema={**DURATION, "default": "24h"},
    read=_duration,
)
MEASURE = says.some_of(
    "measure",
    "measures",
    f"What is shared. Absent: {', '.join(USUAL_MEASURES)}",
    list(MEASURES),
)
SIDE = structs.replace(
    says.SIDE, meaning="Only this side: `buy` walks the asks, `sell` the bids. Absent: both."
)
START = structs.replace(says.START, meaning=f"{says.START.meaning} Absent: a week back.")
