"""The data sets: what each holds, its key, its units, its table.

Database, API and CLI read this list, so that they cannot disagree.
"""

from functools import cached_property
from typing import get_args, get_type_hints

from msgspec import Meta, Struct, structs

from perps_stats.core import figures, types
from perps_stats.core.errors import BadInput, near_names


class DataSet(Struct, frozen=True, kw_only=True, dict=True):
    """``key`` names the fields that tell two rows of one market apart, the time first."""

    name: str
    row: type[Struct]
    table: str
    key: tuple[str, ...]
    meaning: str

    @property
    def time(self) -> str:
        """The field that holds the exchange's time."""
        return self.key[0]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return tuple(field.name for field in structs.fields(self.row))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of ``table``: the fields, with ``market_id`` for the names and ``ts`` for the
        time. A list of levels is two arrays, ``bid_prices`` and ``bid_quantities``.
        """
        named = (field for field in self.fields if field not in {"exchange", "symbol"})
        return ("market_id", *(column for field in named for column in self._columns_of(field)))

    def _columns_of(self, field: str) -> tuple[str, ...]:
        if field == self.time:
            return ("ts",)
        if field in {"bids", "asks"}:
            side = field.removesuffix("s")
            return (f"{side}_prices", f"{side}_quantities")
        return (field,)

    @cached_property
    def units(self) -> dict[str, str]:
        """Unit by field, for every field that is a quantity."""
        return units_of(self.row)


def units_of(row: type[Struct]) -> dict[str, str]:
    """Unit by field, for every field of a type that is a quantity."""
    hints = get_type_hints(row, include_extras=True)
    return {name: unit for name, hint in hints.items() if (unit := _unit(hint))}


def _unit(hint: object) -> str | None:
    for part in (*getattr(hint, "__metadata__", ()), *get_args(hint)):
        if isinstance(part, Meta) and part.extra:
            return str(part.extra["unit"])
        if unit := _unit(part):
            return unit
    return None


TRADES = DataSet(
    name="trades",
    row=types.Trade,
    table="trades",
    key=("timestamp", "id"),
    meaning="public trades; the side is the taker's",
)
TICKERS = DataSet(
    name="tickers",
    row=types.Ticker,
    table="tickers",
    key=("timestamp",),
    meaning="prices and 24-hour statistics",
)
ORDERBOOKS = DataSet(
    name="orderbooks",
    row=types.Orderbook,
    table="orderbooks",
    key=("timestamp",),
    meaning="the best levels of verified books",
)
FUNDING_RATES = DataSet(
    name="funding_rates",
    row=types.FundingRate,
    table="funding_rates",
    key=("timestamp", "kind"),
    meaning="funding per interval, predicted or settled",
)
OPEN_INTEREST = DataSet(
    name="open_interest",
    row=types.OpenInterest,
    table="open_interest",
    key=("timestamp",),
    meaning="open contracts, one side",
)
KLINES = DataSet(
    name="klines",
    row=types.Kline,
    table="klines",
    key=("open_time", "interval"),
    meaning="closed candles",
)
LIQUIDATIONS = DataSet(
    name="liquidations",
    row=types.Liquidation,
    table="liquidations",
    key=("timestamp", "side", "price", "quantity"),
    meaning="forced orders",
)
LIQUIDITY = DataSet(
    name="liquidity",
    row=figures.LiquidityDepthStats,
    table="liquidity_depth",
    key=("timestamp",),
    meaning="value within a distance from mid",
)
LIQUIDITY_AVERAGES = DataSet(
    name="liquidity_averages",
    row=figures.LiquidityAverages,
    table="liquidity_averages",
    key=("timestamp",),
    meaning="value within a distance from mid, as a mean over time",
)
SLIPPAGE = DataSet(
    name="slippage",
    row=figures.Slippage,
    table="slippage",
    key=("timestamp", "side", "trade_amount"),
    meaning="cost of taking an amount from the book",
)
GAPS = DataSet(
    name="gaps",
    row=types.Gap,
    table="gaps",
    key=("start_time", "stream"),
    meaning="intervals we cannot vouch for",
)

DATA_SETS: dict[str, DataSet] = {
    data_set.name: data_set
    for data_set in (
        TRADES,
        TICKERS,
        ORDERBOOKS,
        FUNDING_RATES,
        OPEN_INTEREST,
        KLINES,
        LIQUIDATIONS,
        LIQUIDITY,
        LIQUIDITY_AVERAGES,
        SLIPPAGE,
        GAPS,
    )
}


def data_set(name: str) -> DataSet:
    """Raises ``BadInput`` with near names."""
    try:
        return DATA_SETS[name]
    except KeyError:
        near = near_names(name, list(DATA_SETS)) or list(DATA_SETS)
        raise BadInput("data set", name, f"use {', '.join(near)}") from None
