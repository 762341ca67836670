"""Files into the database: what is refused, what is told, what is never replaced."""

import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.database.files.transfer import exported, imported, texts
from tests.database.samples import market, trade

from perps_stats.core.catalogue import TRADES
from perps_stats.core.errors import BadInput, DatabaseError
from perps_stats.core.stored import Query, Written
from perps_stats.core.types import Market
from perps_stats.database.files import importing
from perps_stats.database.files.about import beside
from perps_stats.database.files.export import Wanted
from perps_stats.database.repository import PostgresRepository


@pytest.fixture
async def files(repository: PostgresRepository, tmp_path: Path) -> Path:
    """Five trades in every form, of a database that is empty again."""
    await repository.store_markets([market()], simulated=False)
    await repository.store_trades([trade(number) for number in range(5)])
    for form in (".csv", ".csv.gz", ".parquet"):
        await exported(repository, Wanted(data_set=TRADES), tmp_path / f"a{form}")
    await repository.truncate()
    return tmp_path


def changed(path: Path, change: Callable[[str], str]) -> Path:
    path.write_text(change(path.read_text()))
    return path


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (
            (",3,61659.70,", ",3,abc,"),
            r"a\.csv line 5, price: 'abc' is not accepted; use",
        ),
        (
            (",3,61659.70,", ",3,,"),
            r"a\.csv line 5, price: None .* cannot be unknown",
        ),
        ((",3,61659.70,", ",3,1,1,"), r"a\.csv.*line 5 has 10 values, not 9"),
        (("BTC,3,", "ETH,3,"), r"a\.csv line 5, symbol: 'binance:ETH' .* tell of such a market"),
        (
            ("exchange,symbol,id", "symbol,exchange,id"),
            "its first line is to be exchange",
        ),
        (("BTC,3,", 'BTC,"3,'), "line 5: a quote is not closed"),
    ],
)
async def test_a_bad_row_is_named(
    repository: PostgresRepository,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    bad: tuple[str, str],
    said: str,
) -> None:
    """File, line, field, value. Of its chunk nothing is stored, the chunks before are."""
    monkeypatch.setattr(importing, "CHUNK_ROWS", 2)
    path = changed(files / "a.csv", lambda text: text.replace(*bad, 1))
    with pytest.raises(BadInput, match=said):
        await imported(repository, path)
    stored = [row.id for row in await repository.get_trades(Query())]
    assert stored == ([] if "first line" in said else ["0", "1"])


async def test_what_only_the_database_sees_is_told_with_its_lines(
    repository: PostgresRepository, files: Path
) -> None:
    """A number with more digits than PostgreSQL holds."""
    path = changed(files / "a.csv", lambda text: text.replace("61659.70", "1" * 131_073, 1))
    with pytest.raises(BadInput, match="line 2, price"):
        await imported(repository, path)
    many = "9" * 131_072 + ".5"
    path = changed(files / "a.csv", lambda text: text.replace("1" * 131_073, many, 1))
    assert (await imported(repository, path)).rows == 5


async def test_csv_alone_is_not_taken_for_live(repository: PostgresRepository, files: Path) -> None:
    """Without what lies beside it nobody knows whether it is simulated."""
    beside(files / "a.csv").unlink()
    with pytest.raises(BadInput, match=r"a\.csv\.about\.json is missing beside it: copy both"):
        await imported(repository, files / "a.csv")


async def test_simulated_rows_are_not_mixed_with_live_ones(
    repository: PostgresRepository, files: Path
) -> None:
    """The database refuses, as it does with any."""
    await repository.store_markets([market()], simulated=True)
    with pytest.raises(DatabaseError, match="holds simulated data and this is live"):
        await imported(repository, files / "a.parquet")
    assert await repository.get_trades(Query()) == []


async def test_a_row_that_says_otherwise_is_counted(
    repository: PostgresRepository, files: Path
) -> None:
    """What was stored first stays."""
    await repository.store_markets([market()], simulated=False)
    await repository.store_trades([replace(trade(3), price=Decimal(1)), trade(4)])
    before = await texts(repository, TRADES)
    result = await imported(repository, files / "a.parquet")
    assert result.written == Written(new=3, known=1, contradicting=1)
    assert set(before) <= set(await texts(repository, TRADES))


async def test_a_file_that_lost_rows_is_told(repository: PostgresRepository, files: Path) -> None:
    """What is left is stored."""
    path = changed(files / "a.csv", lambda text: "".join(text.splitlines(keepends=True)[:-2]))
    result = await imported(repository, path)
    assert (result.rows, result.missing) == (3, 2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"\xff\xfe"),
        ("a.csv.gz", b"no gzip"),
        ("a.csv.gz", gzip.compress(b"exchange" * 99, mtime=0)[:-9]),
        ("a.parquet", b"no parquet"),
        ("a.parquet", b""),
    ],
)
async def test_a_file_that_is_none_is_one_line(
    repository: PostgresRepository, files: Path, name: str, content: bytes
) -> None:
    """Cut off, or of another kind."""
    (files / name).write_bytes(content)
    with pytest.raises(BadInput, match=f"{name}.*cannot be read"):
        await imported(repository, files / name)


@pytest.mark.parametrize("name", ["no.csv", "no.parquet"])
async def test_a_file_that_is_not_there_is_told(
    repository: PostgresRepository, tmp_path: Path, name: str
) -> None:
    """By its name."""
    with pytest.raises(BadInput, match=f"{name}.*No such file"):
        await imported(repository, tmp_path / name)


async def test_what_is_known_of_a_market_stays(repository: PostgresRepository, files: Path) -> None:
    """A file may be old."""
    today = replace(market(), tick_size=Decimal("0.01"), symbol="BTC-USDT-PERP")
    await repository.store_markets([today], simulated=False)
    assert (await imported(repository, files / "a.parquet")).written.new == 5
    assert await repository.get_markets() == [today]


async def test_a_symbol_stays_with_its_market(repository: PostgresRepository, files: Path) -> None:
    """Where it means another one by now, the market of the file goes by its native name."""
    other: Market = replace(market(quote="USDC"), symbol="BTC")
    await repository.store_markets([other], simulated=False)
    assert (await imported(repository, files / "a.csv.gz")).written.new == 5
    names = {one.native: one.symbol for one in await repository.get_markets()}
    assert names == {"BTCUSDC": "BTC", "BTCUSDT": "BTCUSDT"}
    assert {row.symbol for row in await repository.get_trades(Query())} == {"BTCUSDT"}
