"""The answers of the UDF protocol hold to its documented contract, and say what is stored."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator
from msgspec import structs
from tests.api.conftest import Reply
from tests.api.guard.known import admission, key
from tests.api.rows import market

from perps_stats.api.guard.refusals import Refusal
from perps_stats.core.types import Kline
from perps_stats.database.repository import PostgresRepository

from . import contract
from .conftest import TICKER, Ask, candle, minutes, unix

WRONG: tuple[tuple[str, dict[str, object], str], ...] = (
    ("symbols", {"symbol": "BTX"}, "symbol: 'BTX' is not accepted; did you mean BTC"),
    ("symbols", {"symbol": "BTC"}, "several exchanges have it: binance:BTC, kucoin:BTC"),
    ("symbols", {"symbol": "binance:BTC"}, "no candles of it are stored"),
    ("symbols", {}, "symbol: None is not accepted; it must be given"),
    ("symbols", {"symbols": "BTC"}, "this takes symbol"),
    ("search", {"limit": 0}, "use a whole number from 1 to 500"),
    ("history", {"resolution": "1S", "to": 1, "symbol": TICKER}, "use minutes (1, 60, 240)"),
    ("history", {"resolution": "1", "symbol": TICKER}, "to: None is not accepted"),
    ("history", {"resolution": "1", "to": "now", "symbol": TICKER}, "use Unix seconds"),
    ("history", {"resolution": "1", "to": -(10**11) + 1, "symbol": TICKER}, "use Unix seconds"),
    (
        "history",
        {"resolution": "1", "to": 1, "symbol": TICKER, "countback": 10001},
        "use a whole number from 1 to 10000",
    ),
    ("config", {"group": "x"}, "this takes none"),
)


def valid(schema: Mapping[str, object], said: object) -> dict[str, object]:
    """The answer, which holds to the contract."""
    Draft202012Validator(dict(schema)).validate(said)
    return msgspec.convert(said, dict[str, object])


def found(said: object) -> list[str]:
    Draft202012Validator(contract.SEARCH).validate(said)
    return [each["ticker"] for each in msgspec.convert(said, list[dict[str, str]])]


def bars(candles: list[Kline]) -> dict[str, object]:
    """What the contract makes of candles: columns, Unix seconds, numbers."""
    return {
        "s": "ok",
        "t": [int(each.open_time.timestamp()) for each in candles],
        "o": [float(each.open) for each in candles],
        "h": [float(each.high) for each in candles],
        "l": [float(each.low) for each in candles],
        "c": [float(each.close) for each in candles],
        "v": [float(each.volume or 0) for each in candles],
    }


def hour(of: list[Kline]) -> Kline:
    """The candle that sixty others make, by the definition of one."""
    return structs.replace(
        of[0],
        interval="1h",
        high=max(each.high for each in of),
        low=min(each.low for each in of),
        close=of[-1].close,
        volume=sum((each.volume or Decimal(0) for each in of), Decimal(0)),
    )


@pytest.mark.usefixtures("kept")
async def test_the_configuration(udf: Ask) -> None:
    """Search and time, no groups and marks; the stored exchanges, with what is simulated."""
    status, answer = await udf("config")
    said = valid(contract.CONFIG, answer)
    assert status == 200
    assert said["supports_time"] is True
    assert said["exchanges"] == [
        {"value": "", "name": "All exchanges", "desc": ""},
        {"value": "binance", "name": "binance", "desc": "simulated"},
        {"value": "kucoin", "name": "kucoin", "desc": ""},
    ]


async def test_the_time(udf: Ask) -> None:
    """Unix seconds as plain text."""
    assert await udf("time") == (200, unix("2026-03-02T00:00:30"))


@pytest.mark.parametrize("symbol", ["binance:BTC", "BINANCE:BTC-USDT-PERP", "binance:BTCUSDT"])
async def test_a_symbol(udf: Ask, kept: PostgresRepository, symbol: str) -> None:
    """By any name with its exchange; of minutes everything can be made; prices move by ticks."""
    await kept.store_klines(minutes("2026-03-01T12:00", 1))
    status, answer = await udf("symbols", symbol=symbol)
    said = valid(contract.SYMBOL, answer)
    assert (status, said["ticker"], said["name"]) == (200, TICKER, "BTC-USDT-PERP")
    assert said["description"] == "BTC/USDT perpetual, binance (simulated)"
    assert (said["minmov"], said["pricescale"]) == (1, 10)
    assert said["intraday_multipliers"] == [
        "1",
        "3",
        "5",
        "15",
        "30",
        "60",
        "120",
        "240",
        "360",
        "480",
        "720",
    ]
    assert (said["daily_multipliers"], said["weekly_multipliers"]) == (["1", "3"], ["1"])
    assert said["monthly_multipliers"] == []


async def test_resolutions_are_what_is_stored(udf: Ask, kept: PostgresRepository) -> None:
    """Without minutes nothing is made."""
    await kept.store_klines([candle("2026-03-01T12:00:00", "4h")])
    _, answer = await udf("symbols", symbol=TICKER)
    said = valid(contract.SYMBOL, answer)
    assert said["supported_resolutions"] == said["intraday_multipliers"] == ["240"]
    assert (said["has_intraday"], said["has_daily"]) == (True, False)
    assert said["has_weekly_and_monthly"] is False


async def test_a_search(udf: Ask, kept: PostgresRepository) -> None:
    """In capitals, as the library sends it: first the coin itself, then what holds the text."""
    await kept.store_markets([market("kucoin", "WBTC")], simulated=False)
    status, said = await udf("search", query="BTC", type="", exchange="", limit=30)
    tickers = ["binance:BTC", "binance:BTC-USDC-PERP", "kucoin:BTC", "kucoin:WBTC"]
    assert status == 200
    assert found(said) == tickers
    for asked, count in (
        ({"query": "ETHU"}, 1),
        ({"query": "kucoin:BTC", "exchange": "kucoin"}, 2),
        ({"query": "BTC", "limit": 2}, 2),
        ({"query": "", "exchange": "kucoin"}, 2),
        ({"query": "BTC", "type": "crypto"}, 4),
        ({"query": "BTC", "type": "stock"}, 0),
        ({"query": "nothing"}, 0),
    ):
        _, said = await udf("search", **asked)
        assert len(found(said)) == count, asked


async def test_stored_candles(udf: Ask, kept: PostgresRepository) -> None:
    """Those that open in the span, oldest first; ``to`` does not belong to it."""
    candles = minutes("2026-03-01T12:00", 5)
    await kept.store_klines(candles)
    span = {"from": unix("2026-03-01T12:01:00"), "to": unix("2026-03-01T12:04:00")}
    status, said = await udf("history", symbol=TICKER, resolution="1", **span)
    assert (status, valid(contract.HISTORY, said)) == (200, bars(candles[1:4]))


async def test_countback_goes_before_from(udf: Ask, kept: PostgresRepository) -> None:
    """So many before ``to``, over any hole; fewer where there are no more."""
    candles = minutes("2026-03-01T11:00", 3) + minutes("2026-03-01T12:00", 3)
    await kept.store_klines(candles)
    asked = {"symbol": TICKER, "resolution": "1", "from": unix("2026-03-01T12:02:00")}
    for count, expected in ((4, candles[2:]), (100, candles)):
        _, said = await udf("history", **asked, to=unix("2026-03-02T00:00:00"), countback=count)
        assert valid(contract.HISTORY, said) == bars(expected)


async def test_longer_candles_are_made(udf: Ask, kept: PostgresRepository) -> None:
    """Of the minutes that are stored, where all of them are; stored ones come first."""
    early, late = minutes("2026-03-01T12:00", 60), minutes("2026-03-01T14:00", 60)
    half = minutes("2026-03-01T13:00", 30)
    stored = candle("2026-03-01T10:00:00", "1h")
    await kept.store_klines([*early, *half, *late, stored])
    made = [stored, hour(early), hour(late)]
    for span in (
        {"from": unix("2026-03-01T10:00:00")},
        {"from": unix("2026-03-01T09:00:00")},
        {"countback": 3},
        {"countback": 9},
    ):
        to = unix("2026-03-01T23:00:00")
        _, said = await udf("history", symbol=TICKER, resolution="60", to=to, **span)
        assert valid(contract.HISTORY, said) == bars(made), span


async def test_a_candle_that_is_stored_and_could_be_made(
    udf: Ask, kept: PostgresRepository
) -> None:
    """What the exchange said stands."""
    stored = candle("2026-03-01T12:00:00", "1h", volume=Decimal(99))
    await kept.store_klines([*minutes("2026-03-01T12:00", 120), stored])
    to = unix("2026-03-01T14:00:00")
    _, said = await udf("history", symbol=TICKER, resolution="60", to=to, countback=5)
    assert valid(contract.HISTORY, said) == bars([stored, hour(minutes("2026-03-01T13:00", 60))])


async def test_intervals_that_nobody_stores(udf: Ask, kept: PostgresRepository) -> None:
    """Any number of minutes."""
    candles = minutes("2026-03-01T12:00", 14)
    await kept.store_klines(candles)
    to = unix("2026-03-01T13:00:00")
    _, answer = await udf("history", symbol=TICKER, resolution="7", to=to, countback=9)
    said = valid(contract.HISTORY, answer)
    # Sevens of minutes are counted from 1970: 29,539,440 minutes are 4,219,920 of them.
    assert said["t"] == [unix("2026-03-01T12:00:00"), unix("2026-03-01T12:07:00")]
    assert said["v"] == [7 * 1.25, 7 * 1.25]


async def test_no_data_says_where_there_is_some(udf: Ask, kept: PostgresRepository) -> None:
    """``nextTime`` is when the newest older bar opens; none where nothing is older."""
    await kept.store_klines(minutes("2026-03-01T12:00", 120))
    empty = {"from": unix("2026-03-01T20:00:00"), "to": unix("2026-03-01T21:00:00")}
    before = {"from": unix("2026-02-01T00:00:00"), "to": unix("2026-02-02T00:00:00")}
    for resolution, next_time in (("1", "13:59"), ("60", "13:00"), ("3", "13:57")):
        _, said = await udf("history", symbol=TICKER, resolution=resolution, **empty)
        expected = {"s": "no_data", "nextTime": unix(f"2026-03-01T{next_time}:00")}
        assert valid(contract.HISTORY, said) == expected
    for span in (before, {"to": before["to"], "countback": 5}):
        _, said = await udf("history", symbol=TICKER, resolution="60", **span)
        assert valid(contract.HISTORY, said) == {"s": "no_data"}


async def test_prices_are_numbers_with_every_digit(
    ask: Callable[[str], Awaitable[Reply]], kept: PostgresRepository
) -> None:
    """The contract wants numbers; they are those that were stored."""
    await kept.store_klines([candle("2026-03-01T12:00:00", open=Decimal("100000.12345678901234"))])
    to = unix("2026-03-01T13:00:00")
    path = f"/udf/history?symbol={TICKER}&resolution=1&to={to}&countback=1"
    reply = await ask(path)
    assert b'"o":[100000.12345678901234]' in reply.text


@pytest.mark.usefixtures("kept")
async def test_errors(udf: Ask) -> None:
    """As the protocol has them, and with a status that says the same."""
    for name, asked, errmsg in WRONG:
        status, said = await udf(name, **asked)
        assert status == 400
        assert errmsg in str(valid(contract.ERROR, said)["errmsg"])


async def test_nothing_is_cut_silently(udf: Ask, kept: PostgresRepository) -> None:
    """More bars than one answer has are an error that says what to do."""
    await kept.store_klines(minutes("2026-02-20T00:00", 10_001))
    span = {"from": unix("2026-02-20T00:00:00"), "to": unix("2026-03-01T00:00:00")}
    status, answer = await udf("history", symbol=TICKER, resolution="1", **span)
    said = valid(contract.ERROR, answer)
    assert (status, "more than 10000 bars follow" in str(said["errmsg"])) == (400, True)
    later = span | {"from": span["from"] + int(timedelta(minutes=1).total_seconds())}
    _, answer = await udf("history", symbol=TICKER, resolution="1", **later)
    assert len(msgspec.convert(valid(contract.HISTORY, answer)["t"], list[int])) == 10_000


@pytest.mark.parametrize("name", ["config", "symbols", "search", "history", "time"])
async def test_the_guard_stands_before_it(name: str) -> None:
    """Where there is a key, nothing is told without it."""
    text, kept = key()
    guard = await admission(kept)
    refused = guard.may_ask("GET", f"/udf/{name}", [], "127.0.0.1")
    assert isinstance(refused, Refusal)
    assert refused.status == 401
    let_in = guard.may_ask("GET", f"/udf/{name}", [(b"x-api-key", text)], "127.0.0.1")
    assert not isinstance(let_in, Refusal)
