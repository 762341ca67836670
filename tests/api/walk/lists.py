"""What is listed of markets, series and gaps, against what was collected and what went wrong."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from tests.api.walk.demo import NAMES, SYMBOLS, Demo
from tests.api.walk.past import ms_of
from tests.api.walk.rows import Row, Rows, decimal, fraction, market_of
from tests.api.walk.stored import interval_hours

from perps_stats.core.catalogue import DATA_SETS
from perps_stats.sim.losses import Harm
from perps_stats.sim.server import DIALECTS

PATHS = {
    "tickers": "tickers/history",
    "orderbooks": "orderbooks/history",
    "liquidity": "liquidity/history",
    "slippage": "slippage/history",
}
"""Where all rows of a data set are asked for, where it is not by its own name."""


async def exchanges(demo: Demo) -> None:
    """All five, simulated, with the markets of three coins."""
    rows = await demo.rows("exchanges")
    found = {row["exchange"]: (row["simulated"], row["markets"]) for row in rows}
    assert found == dict.fromkeys(DIALECTS, (True, len(SYMBOLS)))


async def symbols(demo: Demo) -> None:
    """The exchange's own name of each market, and the coin."""
    rows = await demo.rows("symbols")
    found = {market_of(row): (row["native"], row["base"], row["multiplier"]) for row in rows}
    assert found == {name: (demo.past[name].native, name[1], "1") for name in NAMES}


async def markets(demo: Demo) -> None:
    """The grid of its prices and amounts, and how often funding is paid."""
    rows = await demo.rows("markets")
    assert {market_of(row) for row in rows} == set(NAMES)
    for row in rows:
        name = market_of(row)
        coin = demo.past[name].market.coin
        assert row["native"] == demo.past[name].native
        assert decimal(row, "tick_size") == Decimal(coin.tick.text(1)), name
        assert decimal(row, "lot_size") == Decimal(coin.lot.text(1)), name
        if row["funding_interval"] is not None:
            assert decimal(row, "funding_interval") == interval_hours(demo, name)


async def all_rows(demo: Demo, data_set: str) -> Rows:
    limit = 500 if data_set == "orderbooks" else 5000
    path = PATHS.get(data_set, data_set.replace("_", "-").replace("liquidity-a", "liquidity/a"))
    return await demo.rows(f"{path}?limit={limit}")


async def stats(demo: Demo) -> None:
    """As many rows as are answered of each data set, and the times of the first and the last."""
    rows = await demo.rows("stats")
    assert {row["data_set"] for row in rows} == set(DATA_SETS)
    for row in rows:
        name = str(row["data_set"])
        times = [each[DATA_SETS[name].time] for each in await all_rows(demo, name)]
        assert row["exact"], name
        found = (row["rows"], row["first"], row["last"])
        assert found == (len(times), min(map(str, times)), max(map(str, times))), name


async def series(demo: Demo, path: str) -> Rows:
    """As many rows as are answered of each series, and the times of the first and the last."""
    listed = await demo.rows(f"{path}?limit=5000")
    for name in {str(row["data_set"]) for row in listed}:
        times: dict[tuple[object, ...], list[str]] = {}
        for row in await all_rows(demo, name):
            key = (*market_of(row), row.get("interval"), row.get("kind"))
            times.setdefault(key, []).append(str(row[DATA_SETS[name].time]))
        found = {
            (*market_of(row), row["interval"], row["kind"]): (
                row["rows"],
                row["first"],
                row["last"],
            )
            for row in listed
            if row["data_set"] == name and row["rows"]
        }
        true = {key: (len(all_), min(all_), max(all_)) for key, all_ in times.items()}
        assert found == true, name
    return listed


async def coverage(demo: Demo) -> None:
    """And of candles no hole before the end of the exchanges' time."""
    for row in await series(demo, "coverage"):
        if row["data_set"] == "klines":
            holes = row["holes"]
            assert isinstance(holes, list)
            last = ms_of(row["last"]) + 60_000
            assert [hole for hole in holes if ms_of(hole["start"]) < last] == [], row


async def catalog(demo: Demo) -> None:
    """And of what was dropped, how much of the time it is."""
    rows = await series(demo, "catalog")
    hurt = {(*market_of(row), row["data_set"]) for row in rows if decimal_or_zero(row)}
    assert ("binance", "BTC", "orderbooks") in hurt
    assert {name for name in hurt if name[0] in {"aster", "kucoin", "lighter"}} == set()


def decimal_or_zero(row: Row) -> Decimal:
    """A candle that is not told yet is missing at the end, and no gap of a stream."""
    return Decimal(0) if row["gap_share"] is None or row["kind"] else streamed(row)


def streamed(row: Row) -> Decimal:
    return Decimal(0) if row["data_set"] == "klines" else decimal(row, "gap_share")


async def stream_coverage(demo: Demo) -> None:
    """The four parts are the whole span, and the gaps' part is what the gaps sum to."""
    rows = await demo.rows("coverage/streams?by=stream&limit=5000")
    gaps = await demo.rows("gaps?limit=5000")
    for row in rows:
        parts = ("verified", "unverifiable", "in_gaps", "not_collected")
        whole = seconds(row["start"], row["end"])
        assert sum(fraction(row, part) for part in parts) == whole, row
        mine = [gap for gap in gaps if key_of(gap) == key_of(row)]
        told = sum(seconds(gap["start_time"], gap["end_time"]) for gap in mine)
        assert fraction(row, "in_gaps") == told, row
    assert {market_of(row) for row in rows} == set(NAMES)


def key_of(row: Row) -> tuple[object, ...]:
    return row["exchange"], row["symbol"], row["stream"]


def seconds(start: object, end: object) -> Fraction:
    first, last = (datetime.fromisoformat(str(time)) for time in (start, end))
    return Fraction((last - first).total_seconds()).limit_denominator(10**6)


async def gaps(demo: Demo) -> None:
    """Whatever was lost or broken lies in a gap, and every gap is of something that was."""
    rows = await demo.rows("gaps?limit=5000")
    causes = Counter((row["exchange"], row["cause"]) for row in rows)
    assert causes["binance", "sequence"] == 2
    assert {cause for exchange, cause in causes if exchange == "paradex"} == {"disconnect"}
    assert {exchange for exchange, _ in causes} == {"binance", "paradex"}
    for exchange in DIALECTS:
        natives = {demo.past[name].native: name[1] for name in NAMES if name[0] == exchange}
        for loss in demo.simulator.venues[exchange].losses:
            if loss.harm is Harm.HARMLESS or loss.symbol not in natives:
                continue
            for stream in loss.streams:
                key = (exchange, natives[loss.symbol], stream)
                assert loss.until is not None
                mine = [row for row in rows if key_of(row) == key]
                assert any(covers(row, loss.since, loss.until) for row in mine), (loss, mine)
    (dropped,) = [row for row in rows if key_of(row) == ("binance", "ETH", "trades")]
    assert (dropped["missed"], dropped["rows_recovered"]) == (1, 1)


def covers(row: Row, since: int | None, until: int) -> bool:
    start, end = ms_of(row["start_time"]), ms_of(row["end_time"])
    return start <= until and (since is None or since <= end)
