"""Records that describe what is known and kept, beside the data sets of the catalogue."""

from datetime import datetime

from msgspec import Struct

from perps_stats.core.types import Number


class ExchangeRecord(Struct, frozen=True, kw_only=True):
    """An exchange we can read. ``simulated`` is ``None`` until markets of it are stored."""

    exchange: str
    simulated: bool | None
    markets: int
    """Markets that are stored."""
    offers: list[str]
    """The questions it answers by REST."""
    streams: list[str]
    intervals: list[str]
    quotes: list[str]
    """The quote that a bare symbol means, best first."""
    max_depth: int | None
    """Levels a side that it gives by REST."""


class SymbolRecord(Struct, frozen=True, kw_only=True):
    """Every name by which a filter may call a market."""

    exchange: str
    symbol: str
    contract: str
    native: str
    ccxt: str
    full: str
    base: str
    quote: str
    multiplier: Number
    """Coins per unit of the exchange's base: 1000 for ``1000PEPE``."""


class TableRecord(Struct, frozen=True, kw_only=True):
    """How much of a data set is kept. ``rows`` is the server's estimate unless ``exact``."""

    data_set: str
    rows: int
    exact: bool
    bytes: int
    first: datetime | None
    last: datetime | None
    age_seconds: float | None
    """Since the exchange's time of the newest row."""
