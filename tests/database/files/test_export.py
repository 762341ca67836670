"""Which rows go to a file, and that it is whole or not there."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from msgspec.structs import replace
from tests.database.files.test_about import ABOUT
from tests.database.files.transfer import exported, names_in
from tests.database.files.workbook import sheets
from tests.database.samples import NOON, gap, market, trade

from perps_stats.core.catalogue import GAPS, KLINES, TRADES, DataSet
from perps_stats.core.errors import BadInput, Unwritable
from perps_stats.core.types import Kline
from perps_stats.database.failures import DatabaseAway
from perps_stats.database.files import blocks, forms
from perps_stats.database.files.about import beside, to_about
from perps_stats.database.files.export import Wanted, export
from perps_stats.database.repository import PostgresRepository

Write: TypeAlias = Callable[[bytes], None]
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def stored(repository: PostgresRepository) -> PostgresRepository:
    """Two minutes of trades of two markets, and candles of two intervals."""
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_trades(
        [
            trade(number, symbol, NOON + minutes * MINUTE)
            for symbol in ("ETH", "BTC")
            for number, minutes in ((3, 1), (2, 0), (1, 1))
        ]
    )
    await repository.store_klines([kline(interval) for interval in ("1m", "1h")])
    return repository


def kline(interval: str) -> Kline:
    price = trade().price
    return Kline(
        exchange="binance",
        symbol="BTC",
        interval=interval,
        open_time=NOON,
        close_time=NOON + MINUTE,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=None,
        closed=True,
    )


def column(path: Path, *names: str) -> list[str]:
    header, *rows = (line.split(",") for line in path.read_text().splitlines())
    return [" ".join(row[header.index(name)] for name in names) for row in rows]


async def test_a_csv_file_is_as_it_is_told(stored: PostgresRepository, tmp_path: Path) -> None:
    """A header, RFC 3339, flags as words, nothing for null; market by market, in order of time."""
    path = tmp_path / "a.csv"
    await exported(stored, Wanted(data_set=TRADES), path)
    ends = "2026-03-01T12:00:00.000000Z,,2026-03-01T12:00:00.020000Z"
    assert path.read_text().splitlines()[:2] == [
        "exchange,symbol,id,price,quantity,side,timestamp,liquidation,recv_ts",
        f"binance,BTC,2,61659.70,0.001,buy,{ends}",
    ]
    assert column(path, "symbol", "id") == ["BTC 2", "BTC 1", "BTC 3", "ETH 2", "ETH 1", "ETH 3"]


async def test_a_file_says_what_it_is_about(stored: PostgresRepository, tmp_path: Path) -> None:
    """Rows, span, units, and of its markets all that is known; csv says so beside it."""
    path = tmp_path / "a.csv"
    wanted = Wanted(data_set=TRADES, markets=[("binance", "ETH")], start=NOON)
    about = await exported(stored, wanted, path)
    assert about == replace(
        ABOUT,
        meaning=TRADES.meaning,
        units={"price": "quote/base", "quantity": "base"},
        rows=3,
        start="2026-03-01T12:00:00.000000Z",
        first="2026-03-01T12:00:00.000000Z",
        last="2026-03-01T12:01:00.000000Z",
        markets=await stored.get_markets(symbol="ETH"),
        written_at=about.written_at,
    )
    assert to_about(beside(path).read_bytes(), "it") == about


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (NOON, NOON + MINUTE, ["2"]),
        (NOON + MINUTE, None, ["1", "3"]),
        (None, NOON + MINUTE, ["2"]),
        (NOON + 2 * MINUTE, None, []),
    ],
)
async def test_a_span_is_half_open(
    stored: PostgresRepository, tmp_path: Path, start: object, end: object, expected: Sequence[str]
) -> None:
    """From the first time on, before the second; without a row there is a header."""
    wanted = Wanted(data_set=TRADES, markets=[("binance", "BTC")])
    wanted = replace(wanted, start=start, end=end)
    await exported(stored, wanted, tmp_path / "a.csv")
    assert column(tmp_path / "a.csv", "id") == expected


async def test_candles_are_chosen_by_interval(stored: PostgresRepository, tmp_path: Path) -> None:
    """Of all, only those."""
    await exported(stored, Wanted(data_set=KLINES, intervals=["1h"]), tmp_path / "a.csv")
    assert column(tmp_path / "a.csv", "interval") == ["1h"]


async def test_no_market_is_none(stored: PostgresRepository, tmp_path: Path) -> None:
    """An empty choice is not every market."""
    about = await exported(stored, Wanted(data_set=TRADES, markets=[]), tmp_path / "a.csv")
    assert (about.rows, about.markets, about.simulated) == (0, [], {})


async def test_a_gap_that_reaches_into_the_span_belongs_to_it(
    stored: PostgresRepository, tmp_path: Path
) -> None:
    """One that is open, and one that ends later; not one that ended."""
    ended = replace(gap("ended", NOON - 2 * MINUTE), end_time=NOON)
    reaching = replace(gap("reaching", NOON - MINUTE), end_time=NOON + MINUTE)
    for each in (ended, reaching, gap("open", NOON - MINUTE)):
        await stored.store_gap(each)
    about = await exported(stored, Wanted(data_set=GAPS, start=NOON), tmp_path / "a.csv")
    assert column(tmp_path / "a.csv", "stream") == ["open", "reaching"]
    assert about.rows == 2


async def test_a_workbook_has_the_rows(stored: PostgresRepository, tmp_path: Path) -> None:
    """For reading."""
    await exported(stored, Wanted(data_set=TRADES), tmp_path / "a.xlsx")
    rows = sheets(tmp_path / "a.xlsx")["rows"]
    assert [row["C"] for row in rows] == ["id", "2", "1", "3", "2", "1", "3"]
    assert names_in(tmp_path) == ["a.xlsx"]


async def test_more_rows_than_fit_are_refused_first(
    stored: PostgresRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written."""
    monkeypatch.setitem(forms.MOST_ROWS, ".xlsx", 5)
    with pytest.raises(BadInput, match="6 rows are more than the 5 of a sheet"):
        await exported(stored, Wanted(data_set=TRADES), tmp_path / "a.xlsx")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("form", forms.EXPORTED)
async def test_who_gives_up_leaves_nothing(
    stored: PostgresRepository, tmp_path: Path, form: str
) -> None:
    """Neither half a file nor one for a moment; the connection is as good as before."""

    def give_up(rows: int, total: int) -> None:
        raise asyncio.CancelledError(rows, total)

    path = tmp_path / f"a{form}"
    wanted = Wanted(data_set=TRADES)
    with pytest.raises(asyncio.CancelledError):
        await export(stored.link, wanted, path, form, version="1", tell=give_up)
    assert names_in(tmp_path) == []
    assert (await exported(stored, wanted, path)).rows == 6


async def test_a_full_disk_is_not_a_lost_database(
    stored: PostgresRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line names the file, though it is the server's rows that found no room."""

    @contextmanager
    def full_writer(path: Path, data_set: DataSet, *, packed: bool) -> Generator[Write]:
        del path, data_set, packed

        def write(block: bytes) -> None:
            raise OSError(28, "No space left on device", len(block))

        yield write

    monkeypatch.setattr(forms, "separated_writer", full_writer)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    with pytest.raises(Unwritable, match=r"/a\.csv cannot be written: No space left on device"):
        await exported(stored, Wanted(data_set=TRADES), tmp_path / "a.csv")
    assert names_in(tmp_path) == []


async def test_a_lost_database_is_not_a_full_disk(
    stored: PostgresRepository, tmp_path: Path
) -> None:
    """The line names the database, and nothing is left."""

    def lose(rows: int, total: int) -> None:
        raise ConnectionResetError(rows, total)

    wanted, path = Wanted(data_set=TRADES), tmp_path / "a.csv"
    with pytest.raises(DatabaseAway, match="cannot be reached"):
        await export(stored.link, wanted, path, ".csv", version="1", tell=lose)
    assert names_in(tmp_path) == []


async def test_how_far_it_is_is_told(stored: PostgresRepository, tmp_path: Path) -> None:
    """Rows so far, of all: in the end all."""
    told: list[tuple[int, int]] = []
    await export(
        stored.link,
        Wanted(data_set=TRADES),
        tmp_path / "a.csv",
        ".csv",
        version="1",
        tell=lambda rows, total: told.append((rows, total)),
    )
    assert told[-1] == (6, 6)
    assert all(first <= second for first, second in pairwise(told))
