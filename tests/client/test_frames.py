"""Answers as tables: every digit, every time, every mark."""

import sys
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
from msgspec import structs
from tests.api.rows import BOOK, LIQUIDITY, TRADE, at

from perps_stats.client import AsyncClient
from perps_stats.client.errors import BadQuestion, NotInstalled
from perps_stats.client.frames import exact
from perps_stats.core.types import Trade
from perps_stats.database.repository import PostgresRepository

DIGITS = "12345678901234567890123456789012345678"


async def store_prices(repository: PostgresRepository, *prices: str) -> None:
    await repository.store_trades(
        [
            structs.replace(TRADE, id=str(n), price=Decimal(price), timestamp=at(n))
            for n, price in enumerate(prices)
        ]
    )


@pytest.mark.usefixtures("stored")
async def test_a_table_of_arrow(client: AsyncClient) -> None:
    """Decimals are exact, times are of UTC, marks have columns, units stand at theirs."""
    table = await client.trades().to_arrow()
    assert table.schema.field("price").type == pa.decimal128(38, 2)
    assert table.schema.field("timestamp").type == pa.timestamp("us", "UTC")
    assert table.schema.field("price").metadata == {b"unit": b"quote/base"}
    assert table.to_pylist() == [
        {
            "exchange": "binance",
            "symbol": "BTC",
            "id": "7",
            "price": Decimal("61659.70"),
            "quantity": Decimal("1E-8"),
            "side": "sell",
            "timestamp": TRADE.timestamp,
            "liquidation": None,
            "recv_ts": TRADE.recv_ts,
            "simulated": True,
        }
    ]


@pytest.mark.usefixtures("stored")
async def test_a_frame_of_polars(client: AsyncClient) -> None:
    """The same, of its own types."""
    frame = await client.trades().to_polars()
    assert frame.schema["price"] == pl.Decimal(38, 2)
    assert frame.schema["timestamp"] == pl.Datetime("us", "UTC")
    assert frame.row(0, named=True)["price"] == Decimal("61659.70")
    floors = (await client.liquidity().to_polars()).row(0, named=True)
    assert floors["bid_1bps"] == LIQUIDITY.bid_1bps
    assert floors["floors"][:2] == ["bid_5bps", "bid_10bps"]


@pytest.mark.usefixtures("stored")
async def test_a_frame_of_pandas(client: AsyncClient) -> None:
    """Columns of Arrow's types: what pandas has itself would round."""
    frame = await client.trades().to_pandas()
    assert str(frame.dtypes["price"]) == "decimal128(38, 2)[pyarrow]"
    assert str(frame.dtypes["timestamp"]) == "timestamp[us, tz=UTC][pyarrow]"
    assert frame["price"].iloc[0] == Decimal("61659.70")
    assert frame["quantity"].iloc[0] == Decimal("1E-8")


@pytest.mark.usefixtures("stored")
async def test_books_are_lists_of_decimals(client: AsyncClient) -> None:
    """A list of prices and one of quantities a side, best first."""
    table = await client.orderbooks().to_arrow()
    [book] = table.to_pylist()
    assert table.schema.field("ask_prices").type == pa.list_(pa.decimal128(38, 2))
    assert book["ask_prices"] == [level.price for level in BOOK.asks]
    assert book["bid_quantities"] == [level.quantity for level in BOOK.bids]


@pytest.mark.parametrize(
    ("prices", "kind"),
    [
        (("1", "20"), pa.decimal128(38, 0)),
        (("-0.5", "1"), pa.decimal128(38, 1)),
        (("1.5", "20.125", "3"), pa.decimal128(38, 3)),
        ((DIGITS,), pa.decimal128(38, 0)),
        ((f"0.{DIGITS[:-1]}",), pa.decimal128(38, 37)),
        ((f"1.{DIGITS[:-1]}",), pa.decimal128(38, 37)),
        ((f"{DIGITS}9",), pa.string()),
        (("123456789012345678901", "0.123456789012345678"), pa.string()),
    ],
)
def test_nothing_is_rounded(prices: tuple[str, ...], kind: pa.DataType) -> None:
    """The least scale that holds all of them, whatever the page, or text where none does."""
    pages = pa.chunked_array([[price] for price in prices], pa.string())
    column = exact(pages)
    assert column.type == kind
    values = [Decimal(str(value)) for value in column.to_pylist()]
    assert values == [Decimal(price) for price in prices]


async def test_pages_become_one_table(client: AsyncClient, markets: PostgresRepository) -> None:
    """Their decimals may differ in scale, and some may be empty."""
    await store_prices(markets, "1", "2.5", "3", "4.25", "5")
    answer = client.put("trades", Trade, (("order", "asc"),), most=2)
    column = (await answer.to_arrow()).column("price")
    assert column.type == pa.decimal128(38, 2)
    assert column.to_pylist() == [Decimal(each) for each in ("1", "2.5", "3", "4.25", "5")]
    limited = client.put("trades", Trade, (("order", "asc"), ("limit", "3")), most=2)
    assert (await limited.to_polars()).height == 3


@pytest.mark.usefixtures("markets")
async def test_nothing_stored_is_an_empty_table(client: AsyncClient) -> None:
    """With its columns."""
    frame = await client.trades().to_polars()
    books = await client.orderbooks().to_arrow()
    assert (frame.height, frame.schema["price"]) == (0, pl.Decimal(38, 0))
    assert (books.num_rows, "bid_prices" in books.column_names) == (0, True)


@pytest.mark.usefixtures("stored")
async def test_what_is_wrong_is_said_as_ever(client: AsyncClient) -> None:
    """With the problem document."""
    with pytest.raises(BadQuestion, match="did you mean BTC"):
        await client.trades(symbol="BTX").to_polars()


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("library", ["polars", "pandas"])
async def test_a_library_that_is_missing(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(NotInstalled) as raised:
        await getattr(client.trades(), f"to_{library}")()
    expected = f"this needs {library}: pip install 'perps-stats[{library}]'"
    assert str(raised.value) == expected


async def test_arrow_is_missing(client: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with either."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "perps_stats.client.frames", raising=False)
    monkeypatch.delattr("perps_stats.client.frames", raising=False)
    with pytest.raises(NotInstalled, match=r"^this needs pyarrow: "):
        await client.trades().to_arrow()
