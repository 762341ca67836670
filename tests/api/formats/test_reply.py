"""The same records in every form, over real sockets."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import structs
from tests.api.conftest import Ask, Reply
from tests.api.rows import LIQUIDITY, SLIPPAGE, TICKER, TRADE, at

from perps_stats.api.formats import META
from perps_stats.api.resources import RESOURCES
from perps_stats.database.repository import PostgresRepository

Record = dict[str, object]
NESTED = {"holes"}
SIDES = {"bids": "bid", "asks": "ask"}
STORED = {"klines": "klines?interval=1h"}
"""What asks for the known row, where that is not the path alone."""
MEDIA = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; header=present; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


def of_ndjson(body: bytes) -> list[Record]:
    assert body == b"" or body.endswith(b"\n")
    return [msgspec.json.decode(line, type=Record) for line in body.splitlines()]


def of_stream(body: bytes) -> list[Record]:
    return pa.ipc.open_stream(body).read_all().to_pylist()


def of_parquet(body: bytes) -> list[Record]:
    return pq.read_table(pa.BufferReader(body)).to_pylist()


TYPED: dict[str, Callable[[bytes], list[Record]]] = {"arrow": of_stream, "parquet": of_parquet}


def as_table(record: Record) -> Record:
    """Times as times, levels as two lists, what is nested as its text."""
    cells: Record = {}
    for name, value in record.items():
        if name in SIDES and isinstance(value, list):
            cells[f"{SIDES[name]}_prices"] = [level["price"] for level in value]
            cells[f"{SIDES[name]}_quantities"] = [level["quantity"] for level in value]
        elif isinstance(value, str) and value.endswith("Z") and value[10:11] == "T":
            cells[name] = datetime.fromisoformat(value)
        elif isinstance(value, list) and (name in NESTED or isinstance((value or [""])[0], dict)):
            cells[name] = msgspec.json.encode(value).decode()
        else:
            cells[name] = value
    return cells


def as_cells(record: Record) -> list[str]:
    """As comma-separated values show it."""
    return [_cell(name, value) for name, value in as_table(record).items()]


def _cell(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, list):
        is_of_book = name.startswith(("bid_", "ask_"))
        return " ".join(value) if is_of_book else msgspec.json.encode(value).decode()
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


async def in_all_forms(ask: Ask, path: str) -> dict[str, Reply]:
    joint = "&" if "?" in path else "?"
    return {form: await ask(f"/api/v1/{path}{joint}format={form}") for form in MEDIA}


def cells_of(csv_text: bytes) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, and the rows."""
    header, *rows = csv.reader(io.StringIO(csv_text.decode(), newline=""))
    return header, rows


@pytest.mark.usefixtures("stored")
async def test_every_form_says_the_same(ask: Ask) -> None:
    """Of every resource: the records, what they say of themselves, and how that is called."""
    for path in (STORED.get(resource.path, resource.path) for resource in RESOURCES):
        replies = await in_all_forms(ask, path)
        told = {form: (each.status, each.headers["Content-Type"]) for form, each in replies.items()}
        assert told == {form: (200, media) for form, media in MEDIA.items()}, path
        meta, records = replies["json"].meta, replies["json"].data
        assert of_ndjson(replies["ndjson"].text) == records, path
        header, rows = cells_of(replies["csv"].text)
        assert rows == [as_cells(record) for record in records], path
        assert not records or header == list(as_table(records[0])), path
        for form, read in TYPED.items():
            assert read(replies[form].text) == [as_table(record) for record in records], path
        for form, each in replies.items():
            told_meta = msgspec.json.decode(each.headers.get(META, "null"))
            assert told_meta == (None if form == "json" else meta), (path, form)


@pytest.mark.usefixtures("stored")
async def test_a_table_says_units_and_meta(ask: Ask) -> None:
    """Units at the columns, the rest in the schema."""
    arrow = await ask("/api/v1/liquidity?format=arrow")
    schema = pa.ipc.open_stream(arrow.text).schema
    assert schema.field("bid_2_5bps").metadata == {b"unit": b"quote"}
    assert schema.field("exchange").metadata is None
    meta = msgspec.json.decode(schema.metadata[b"perps-stats"], type=Record)
    assert (meta["simulated"], meta["as_of"]) == (True, "2026-03-01T12:00:03.000000Z")


@pytest.mark.usefixtures("stored")
async def test_numbers_in_tables(ask: Ask) -> None:
    """Exact text unless asked for as numbers: then floats, and in text forms every digit."""
    typed = await ask("/api/v1/orderbooks?format=arrow&numbers=float")
    table = pa.ipc.open_stream(typed.text).read_all()
    assert table.schema.field("bid_prices").type == pa.list_(pa.float64())
    assert table["bid_prices"].to_pylist() == [[61659.7]]
    text = await ask("/api/v1/orderbooks?format=csv&numbers=float")
    assert text.text.splitlines()[1].startswith(
        b"binance,BTC,61659.70,0.00000001,61659.80 61660.00,"
    )


@pytest.mark.usefixtures("markets")
async def test_no_records_in_any_form(ask: Ask) -> None:
    """A header without rows, a table without rows, nothing."""
    replies = await in_all_forms(ask, "trades")
    assert (replies["json"].data, replies["ndjson"].text) == ([], b"")
    assert replies["csv"].text.count(b"\r\n") == 1
    assert (of_stream(replies["arrow"].text), of_parquet(replies["parquet"].text)) == ([], [])


async def test_text_in_comma_separated_values(ask: Ask, markets: PostgresRepository) -> None:
    """Quotes, separators and line ends survive; an empty text is not unknown."""
    ids = ["", 'a "b"', "c,d", "e\nf"]
    await markets.store_trades(
        [
            structs.replace(TRADE, id=each, recv_ts=None, timestamp=at(n))
            for n, each in enumerate(ids)
        ]
    )
    reply = await ask("/api/v1/trades?format=csv&order=asc")
    rows = list(csv.DictReader(io.StringIO(reply.text.decode(), newline="")))
    assert [row["id"] for row in rows] == ids
    assert b'binance,BTC,"",61659.70,' in reply.text
    assert [row["recv_ts"] for row in rows] == ["", "", "", ""]


async def test_lists_in_comma_separated_values(ask: Ask, stored: PostgresRepository) -> None:
    """Levels of a book by spaces; texts, which may have spaces themselves, as JSON."""
    await stored.store_liquidity_depth(
        [structs.replace(LIQUIDITY, timestamp=at(9), reach_ask_bps=Decimal(50))]
    )
    liquidity = await ask("/api/v1/liquidity/history?format=csv&limit=1")
    [row] = csv.DictReader(io.StringIO(liquidity.text.decode(), newline=""))
    assert (
        row["floors"]
        == '["bid_5bps","bid_10bps","bid_20bps","bid_50bps","bid_100bps","ask_100bps"]'
    )
    book = await ask("/api/v1/orderbooks/history?format=csv")
    [row] = csv.DictReader(io.StringIO(book.text.decode(), newline=""))
    assert (row["ask_prices"], row["ask_quantities"]) == ("61659.80 61660.00", "2.50 3")


async def test_the_next_page_is_a_link(ask: Ask, markets: PostgresRepository) -> None:
    """In every form; following it to the end finds each record once, with the same filters."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(n)) for n in range(7)])
    asked = "/api/v1/tickers/history?symbol=binance%3ABTC&format=ndjson&limit=3&offset=1&order=asc"
    found: list[str] = []
    while asked:
        reply = await ask(asked)
        found += [str(record["timestamp"])[17:19] for record in of_ndjson(reply.text)]
        link = reply.headers.get("Link", "")
        assert not link or link.endswith('>; rel="next"')
        asked = link.partition(">")[0].removeprefix("<")
        assert "offset" not in asked
    assert found == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.usefixtures("stored")
async def test_each_form_has_its_tag(ask: Ask) -> None:
    """What one has in one form one does not have in another; none is sent twice."""
    replies = await in_all_forms(ask, "trades")
    tags = {form: reply.headers["ETag"] for form, reply in replies.items()}
    assert len(set(tags.values())) == len(MEDIA)
    for form, tag in tags.items():
        again = await ask(f"/api/v1/trades?format={form}", headers={"If-None-Match": f'"x", {tag}'})
        assert (again.status, again.text, again.headers["ETag"]) == (304, b"", tag)


async def test_a_long_answer_is_packed(ask: Ask, markets: PostgresRepository) -> None:
    """As it is accepted, in every form but parquet, which is packed already."""
    await markets.store_slippage([structs.replace(SLIPPAGE, timestamp=at(n)) for n in range(300)])
    plain = await ask("/api/v1/slippage/history", headers={"Accept-Encoding": "identity"})
    squeezed = await ask("/api/v1/slippage/history", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert squeezed.headers["Vary"] == "Accept, Accept-Encoding"
    assert (squeezed.data, squeezed.headers["ETag"]) == (plain.data, plain.headers["ETag"])
    assert int(squeezed.headers["Content-Length"]) < len(plain.text) / 10
    table = await ask(
        "/api/v1/slippage/history?format=parquet", headers={"Accept-Encoding": "gzip"}
    )
    assert "Content-Encoding" not in table.headers


@pytest.mark.usefixtures("stored")
async def test_what_is_not_acceptable(ask: Ask) -> None:
    """A problem that names field, value and remedy; itself always a problem document."""
    reply = await ask("/api/v1/trades?format=csv", headers={"Accept": "application/json"})
    assert (reply.status, reply.headers["Content-Type"]) == (406, "application/problem+json")
    assert (reply.body["type"], reply.body["title"], reply.body["field"], reply.body["value"]) == (
        "urn:perps-stats:problem:not-acceptable",
        "Not acceptable",
        "format",
        "csv",
    )


async def old(ask: Ask, query: str) -> tuple[Sequence[object], object]:
    reply = await ask(f"/api/v1/tickers/history?exchange=binance&symbol=BTC&{query}")
    return [str(row["timestamp"])[14:19] for row in reply.data], reply.body["pagination"]


async def test_the_questions_of_the_rust_program(ask: Ask, markets: PostgresRepository) -> None:
    """Unix seconds, limit and offset; rows newest first; where the page lies and its length."""
    await markets.store_tickers([structs.replace(TICKER, timestamp=at(60 * n)) for n in range(9)])
    noon = 1772366400
    assert await old(ask, f"start={noon}&end={noon + 300}&limit=2&offset=1") == (
        ["03:00", "02:00"],
        {"limit": 2, "offset": 1, "count": 2},
    )
    assert await old(ask, f"start={noon}&limit=100&offset=7") == (
        ["01:00", "00:00"],
        {"limit": 100, "offset": 7, "count": 2},
    )
    assert await old(ask, "limit=1&offset=10000") == ([], {"limit": 1, "offset": 10000, "count": 0})
