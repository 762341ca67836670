"""What is derived of a span, from the true states at the times of its samples."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from tests.api.walk.demo import Demo
from tests.api.walk.figures import Book, close, nearly
from tests.api.walk.past import ms_of
from tests.api.walk.rows import Row, Rows, decimal, fraction, market_of

SECOND_MS = 1000
DEAREST = Decimal("Infinity")
"""What the book could not fill."""
Name = tuple[str, str]


def whole_seconds(row: Row) -> bool:
    return Decimal(str(row.get("suspect_seconds"))) == 0


async def samples(demo: Demo) -> Mapping[Name, list[int]]:
    """When each market was sampled: see ``liquidity/history``."""
    found: dict[Name, list[int]] = {}
    for row in await demo.rows("liquidity/history?limit=5000&order=asc"):
        found.setdefault(market_of(row), []).append(ms_of(row["timestamp"]))
    return found


def held(times: list[int], start: int) -> Iterator[tuple[int, int]]:
    """The samples that hold in the second from ``start`` on, and for how many ms."""
    first = bisect_right(times, start) - 1
    last = start + SECOND_MS
    for time, after in zip(times[first:], [*times[first + 1 :], last], strict=True):
        if time < last:
            yield time, min(after, last) - max(time, start)


def mean(pieces: list[tuple[Fraction, int]]) -> Fraction:
    return sum(value * ms for value, ms in pieces) / Fraction(sum(ms for _, ms in pieces))


async def checked(demo: Demo, rows: Rows) -> Iterator[tuple[Row, list[tuple[Book, int]]]]:
    """Of seconds without doubt: the books that held, each for how long."""
    sampled = await samples(demo)
    found: list[tuple[Row, list[tuple[Book, int]]]] = []
    for row in rows:
        name, start = market_of(row), ms_of(row["timestamp"])
        times = sampled[name]
        if whole_seconds(row) and times[0] <= start and start + SECOND_MS <= times[-1] + SECOND_MS:
            past = demo.past[name]
            found.append((row, [(past.at_ms(time), ms) for time, ms in held(times, start)]))
    assert len(found) > 5 * len(sampled)
    return iter(found)


async def averages(demo: Demo) -> None:
    """Mid, spread and the nearest band are means of the true books, weighted by time."""
    rows = await demo.rows("liquidity/averages?limit=5000")
    for row, books in await checked(demo, rows):
        mids = [(book.mid, ms) for book, ms in books]
        assert nearly(fraction(row, "mid_price"), mean(mids)), (row, books)
        spreads = [(book.spread_bps, ms) for book, ms in books]
        assert close(fraction(row, "spread_bps"), mean(spreads))
        bands = [(book.bids.within(book.mid, Fraction(1)), ms) for book, ms in books]
        if row["floors"] == []:
            assert nearly(fraction(row, "bid_1bps"), mean(bands))


async def spreads(demo: Demo) -> None:
    """The spread of the true books, as a mean over each second."""
    rows = await demo.rows("spread/history?limit=5000")
    for row, books in await checked(demo, rows):
        assert close(fraction(row, "spread_bps"), mean([(b.spread_bps, ms) for b, ms in books]))


async def funding(demo: Demo) -> None:
    """The rates of ``funding-rates`` over an hour, 8 hours and a year."""
    rates = {key(row): row for row in await demo.rows("funding-rates?limit=5000")}
    rows = await demo.rows("funding/history?limit=5000")
    assert {key(row) for row in rows} == set(rates)
    for row in rows:
        rate = rates[key(row)]
        assert row["funding_rate"] == rate["funding_rate"]
        if rate["funding_interval"] is None:
            assert row["funding_apr"] is None
            continue
        hourly = fraction(rate, "funding_rate") / fraction(rate, "funding_interval")
        terms = {"funding_per_hour": 1, "funding_8h": 8, "funding_apr": 8760}
        for field, hours in terms.items():
            assert abs(fraction(row, field) - hourly * hours) < Fraction(1, 10**15)


def key(row: Row) -> tuple[object, ...]:
    return *market_of(row), row["timestamp"], row["kind"]


async def basis(demo: Demo) -> None:
    """Mid is the true one of its time; mark and index those of ``tickers/history``."""
    tickers = {
        (*market_of(row), row["timestamp"]): row
        for row in await demo.rows("tickers/history?limit=5000")
    }
    rows = await demo.rows("basis/history?limit=5000")
    assert len(rows) == len(tickers)
    for row in rows:
        name = market_of(row)
        ticker, top = tickers[(*name, row["timestamp"])], demo.past[name].at(row["timestamp"]).top
        mid = (Fraction(top.bid[0]) + Fraction(top.ask[0])) / 2
        assert fraction(row, "mid_price") == mid
        for field in ("mark_price", "index_price"):
            assert row[field] == ticker[field]
        if row["index_price"] is None:
            continue
        index = fraction(row, "index_price")
        for field, price in {"mark": fraction(row, "mark_price"), "mid": mid}.items():
            assert close(fraction(row, f"{field}_basis_bps"), (price - index) / index * 10_000)


async def cost_hours(demo: Demo) -> None:
    """Percentiles of the costs that ``slippage/history`` has of the hour."""
    costs: dict[tuple[object, ...], list[Decimal]] = {}
    for row in await demo.rows("slippage/history?amount=10000&limit=5000"):
        cost = DEAREST if row["slippage_bps"] is None else decimal(row, "slippage_bps")
        costs.setdefault((*market_of(row), row["side"]), []).append(cost)
    hours = await demo.rows("cost/hours")
    assert {(*market_of(row), row["side"]) for row in hours} == set(costs)
    for row in hours:
        told = sorted(costs[(*market_of(row), row["side"])])
        assert (row["samples"], row["unfilled"]) == (len(told), told.count(DEAREST))
        ranks = [
            DEAREST if row[f"p{rank}_bps"] is None else decimal(row, f"p{rank}_bps")
            for rank in (10, 50, 90, 99)
        ]
        assert told[0] <= ranks[0] <= ranks[1] <= ranks[2] <= ranks[3] <= told[-1]
        below = sum(1 for cost in told if cost <= ranks[1])
        assert below * 2 >= len(told)


async def share_hours(demo: Demo) -> None:
    """Of an hour's samples the mean, and of all markets' means the part; where there was none it
    is said.
    """
    volumes: dict[Name, list[Fraction]] = {}
    for row in await demo.rows("tickers/history?limit=5000"):
        if row["volume_24h"] is not None:
            volumes.setdefault(market_of(row), []).append(fraction(row, "volume_24h"))
    rows = await demo.rows("shares/history?measure=volume_24h&start_time=-1h&limit=5000")
    told = [row for row in rows if row["samples"]]
    for row in told:
        mine = volumes[market_of(row)]
        assert row["samples"] == len(mine)
        assert nearly(fraction(row, "amount"), sum(mine, Fraction(0)) / len(mine))
    for row in rows:
        if not row["samples"]:
            assert row["amount"] is None
            assert row["missing"]
