"""What may be asked beside a path: the names and types of parameters, and how they are written.

Each function is a set of parameters; to call it only checks their names.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from perps_stats.core.errors import BadInput
from perps_stats.core.times import rfc3339
from perps_stats.core.types import FundingKind, Side

Names: TypeAlias = str | list[str] | tuple[str, ...]
"""One, or several."""
Time: TypeAlias = str | datetime | date
"""With a zone; as text whatever REST takes: ``2026-01-31``, ``-24h``, RFC 3339, epoch."""
Order: TypeAlias = Literal["asc", "desc"]
SideName: TypeAlias = Side | Literal["buy", "sell"]
KindName: TypeAlias = FundingKind | Literal["predicted", "settled"]
Amount: TypeAlias = Decimal | int | str
Asked: TypeAlias = tuple[tuple[str, str], ...]


def asked(parameters: Mapping[str, object]) -> Asked:
    """As a query string has them; ``None`` and empty are not said. Raises ``BadInput``."""
    texts = ((name, _text(name, value)) for name, value in parameters.items())
    return tuple((name, text) for name, text in texts if text)


def _text(name: str, value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise BadInput(name, value.isoformat(), "give it a zone, such as datetime.UTC")
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case datetime():
            text = rfc3339(value)
        case date():
            text = value.isoformat()
        case Decimal():
            text = f"{value:f}"
        case list() | tuple():
            text = ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]  of anything
        case _:
            text = str(value)
    return text


def listed(*, limit: int | None = None) -> None: ...


def of_exchanges(*, exchange: Names = (), limit: int | None = None) -> None: ...


def of_markets(*, exchange: Names = (), symbol: Names = (), limit: int | None = None) -> None: ...


def books(
    *,
    exchange: Names = (),
    symbol: Names = (),
    depth: int | None = None,
    limit: int | None = None,
) -> None: ...


def slippages(
    *,
    exchange: Names = (),
    symbol: Names = (),
    side: SideName | None = None,
    amount: Amount | None = None,
    limit: int | None = None,
) -> None: ...


def span(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_books(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    depth: int | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_slippages(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    side: SideName | None = None,
    amount: Amount | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_funding(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    kind: KindName | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_klines(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    interval: str | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_liquidations(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    side: SideName | None = None,
    limit: int | None = None,
) -> None: ...


def span_of_gaps(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    stream: Names = (),
    cause: Names = (),
    open: bool | None = None,  # noqa: A002  the parameter's name
    unrepaired: bool | None = None,
    limit: int | None = None,
) -> None: ...


def coverage(
    *,
    exchange: Names = (),
    symbol: Names = (),
    data: Names = (),
    interval: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    limit: int | None = None,
) -> None: ...


def stream_coverage(
    *,
    exchange: Names = (),
    symbol: Names = (),
    stream: Names = (),
    by: Literal["day", "hour", "stream"] | None = None,
    start_time: Time | None = None,
    end_time: Time | None = None,
    limit: int | None = None,
) -> None: ...
