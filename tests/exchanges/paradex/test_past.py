"""Paradex's candles, of which those above an hour are put together, and its funding history."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import FundingKind, FundingRate, Kline
from perps_stats.exchanges.contract import Request, Window
from perps_stats.exchanges.paradex import past

from ..answers import as_klines, asked, body  # noqa: TID252 a folder an exchange
from .venue import (
    BTC,
    EIGHT_HOURS,
    ETH,
    HOUR,
    MINUTE,
    NOON,
    T0,
    Json,
    at,
    funding_data,
    funding_row,
    klines,
)

QUARTER = timedelta(minutes=15)
HOURS = timedelta(hours=1)
FLAT = (61650.1, 61700, 61600.5, 61659.8, 12.345)
FOUR = Decimal(4)
OF_BTC = {"market": "BTC-USD-PERP", "page_size": "1"}


def test_candles() -> None:
    """``symbol`` and minutes are asked for; numbers become exact decimals. The volume, of which
    nobody tells the unit, is none, and so is the turnover.
    """
    minutes = {T0 + minute * MINUTE: FLAT for minute in range(3)}
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + QUARTER), None)
    found, asks = asked(flow, partial(klines, candles=minutes))
    query = {"symbol": "BTC-USD-PERP", "resolution": "1"}
    times = {"start_at": str(T0), "end_at": str(T0 + 16 * MINUTE - 1)}
    assert asks == [(("/v1/markets/klines", query | times, 1, ""),)]
    assert found[0] == Kline(
        exchange="paradex",
        symbol="BTC",
        interval="1m",
        open_time=NOON,
        close_time=at(MINUTE),
        open=Decimal("61650.1"),
        high=Decimal(61700),
        low=Decimal("61600.5"),
        close=Decimal("61659.8"),
        volume=None,
        closed=True,
    )
    assert [each.closed for each in found] == [True, True, False]
    assert (found[0].turnover, found[0].trades, found[0].aggregated_from) == (None, None, None)


def test_numbers_are_exact() -> None:
    """A number of JSON is read from its text, not through a double."""
    candle = b'{"results": [[1769860800000, 0.1234567890123456789, 2, 1e-8, 0.30, 7]]}'
    found, _ = asked(
        as_klines(past.klines, BTC, "1h", Window(NOON, NOON + HOURS), None), lambda _: candle
    )
    said = [str(price) for price in (found[0].open, found[0].low, found[0].close)]
    assert said == ["0.1234567890123456789", "1E-8", "0.30"]


@pytest.mark.parametrize(
    ("interval", "minutes"), [("3m", "3"), ("5m", "5"), ("15m", "15"), ("30m", "30"), ("1h", "60")]
)
def test_a_resolution_is_in_minutes(interval: str, minutes: str) -> None:
    """Six intervals are the exchange's own."""
    _, asks = asked(
        as_klines(past.klines, BTC, interval, Window(NOON, NOON + HOURS), None),
        partial(klines, candles={}),
    )
    assert asks[0][0][1]["resolution"] == minutes


def test_candles_in_any_order() -> None:
    """The documents tell none: the newest first gives the same."""
    minutes = {T0 + minute * MINUTE: FLAT for minute in (2, 1, 0)}
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + QUARTER), None)
    found, _ = asked(flow, partial(klines, candles=minutes))
    assert [each.open_time for each in found] == [at(0), at(MINUTE), at(2 * MINUTE)]


def test_a_request_spans_500_candles() -> None:
    """A day of minutes takes three, whether there were trades or not."""
    day = Window(NOON, NOON + timedelta(days=1))
    _, asks = asked(as_klines(past.klines, BTC, "1m", day, None), partial(klines, candles={}))
    spans = [(int(of["end_at"]) - int(of["start_at"]) + 1) // MINUTE for ((_, of, *_),) in asks]
    assert spans == [500, 500, 441]


def hourly(*hours: int) -> dict[int, Sequence[float]]:
    """Candles of an hour that many hours after noon: one higher each."""
    return {
        T0 + hour * HOUR: (100 + hour, 110.5 + hour, 90.25 + hour, 105 + hour, 0.1)
        for hour in hours
    }


def bars(
    interval: str, hours: int, candles: Mapping[int, Sequence[float]], limit: int | None = None
) -> list[Kline]:
    window = Window(NOON, NOON + hours * HOURS)
    return asked(
        as_klines(past.klines, BTC, interval, window, limit), partial(klines, candles=candles)
    )[0]


def test_four_hours_are_made_of_hours() -> None:
    """First open, highest high, lowest low, last close, no volume; it says what it is of."""
    found = bars("4h", 8, hourly(*range(9)))
    assert found[0] == Kline(
        exchange="paradex",
        symbol="BTC",
        interval="4h",
        open_time=NOON,
        close_time=at(4 * HOUR),
        open=Decimal(100),
        high=Decimal("113.5"),
        low=Decimal("90.25"),
        close=Decimal(108),
        volume=None,
        closed=True,
        aggregated_from="1h",
    )
    assert [(each.open_time, each.closed) for each in found] == [
        (at(0), True),
        (at(4 * HOUR), True),
    ]


def test_a_day_begins_at_midnight_utc() -> None:
    """From noon on, the first whole day is the next; it is asked for to the hour after its end."""
    window = Window(NOON, NOON + timedelta(days=1))
    found, asks = asked(
        as_klines(past.klines, BTC, "1d", window, None),
        partial(klines, candles=hourly(*range(12, 37))),
    )
    assert [(each.open_time, each.closed) for each in found] == [(at(12 * HOUR), True)]
    assert (found[0].open, found[0].close) == (Decimal(112), Decimal(140))
    assert asks[0][0][1]["resolution"] == "60"
    assert asks[0][0][1]["start_at"] == str(T0 + 12 * HOUR)


def test_a_bar_is_closed_by_an_hour_after_its_end() -> None:
    """The last hour of a bar may still be running, and a missing last hour may still come."""
    assert [each.closed for each in bars("4h", 4, hourly(0, 1, 2, 3))] == [False]
    assert [each.closed for each in bars("4h", 4, hourly(0, 1, 2))] == [False]
    assert [each.closed for each in bars("4h", 4, hourly(0, 1, 2, 4))] == [True]
    assert [each.closed for each in bars("4h", 4, hourly(0, 1, 2, 3, 5))] == [True]


def test_an_hour_without_trades_is_no_hole() -> None:
    """A bar is made of the hours there are; one without any is left out."""
    found = bars("4h", 12, hourly(1, 3, 8, 9, 10, 11, 12))
    assert [(each.open_time, each.open, each.closed) for each in found] == [
        (at(0), Decimal(101), True),
        (at(8 * HOUR), Decimal(108), True),
    ]


def test_bars_up_to_a_limit_are_whole() -> None:
    """So many bars, each of all its hours, whatever hours are missing."""
    found = bars("4h", 24, hourly(0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12), limit=2)
    assert [(each.open_time, each.close, each.closed) for each in found] == [
        (at(0), Decimal(106), True),
        (at(4 * HOUR), Decimal(112), True),
    ]


def test_the_last_bar_of_a_limit_is_known_to_be_closed() -> None:
    """All its hours are there: one more is read, which proves that the last of them is over."""
    assert [each.closed for each in bars("4h", 24, hourly(*range(24)), limit=2)] == [True, True]


def test_a_bar_without_a_readable_hour_is_no_bar() -> None:
    """It would look whole: that an hour cannot be read is an error of the whole question."""
    rows = [[time, *values] for time, values in hourly(0, 1, 2, 3, 4).items()]
    rows[2][1] = 0
    flow = as_klines(past.klines, BTC, "4h", Window(NOON, NOON + HOURS), None)
    bad: list[Unreadable] = []
    with pytest.raises(Unreadable, match="an hour of a longer candle"):
        asked(flow, lambda _: body({"results": rows}), bad)
    assert [f"time={T0 + 2 * HOUR}, open='0'" in str(each) for each in bad] == [True]


def test_a_bar_of_an_hour_of_another_type_is_no_bar() -> None:
    """The same where the hour is no row of numbers: the path says which."""
    rows: list[object] = [[time, *values] for time, values in hourly(0, 1, 2, 3, 4).items()]
    rows[1] = ["noon", *FLAT]
    flow = as_klines(past.klines, BTC, "4h", Window(NOON, NOON + HOURS), None)
    with pytest.raises(Unreadable, match=r"\$\.results\[1\]\[0\]"):
        asked(flow, lambda _: body({"results": rows}), [])


def test_no_bar_begins_in_a_short_window() -> None:
    """From noon on, the next day begins after the window: nothing is asked."""
    flow = as_klines(past.klines, BTC, "1d", Window(NOON, NOON + 3 * HOURS), None)
    assert asked(flow, lambda _: b"") == ([], [])


MIDNIGHT = T0 - 12 * HOUR
ROWS = [
    funding_row(MIDNIGHT + period * EIGHT_HOURS - 3000 + shift, f"0.0000{period + 1}{digit}")
    for period in range(1, 4)
    for shift, digit in ((-5000, 1), (0, 2), (5000, 3))
]
"""Around the ends of three periods: two rows before each, one after."""
TWO_DAYS = Window(at(-24 * HOUR), at(24 * HOUR))


def test_funding_is_thinned_to_a_row_a_period() -> None:
    """The last of each period of 8 hours, by one request each; it was in force, and accrued."""
    found, asks = asked(past.funding_history(BTC, TWO_DAYS, None), partial(funding_data, rows=ROWS))
    assert found[0] == FundingRate(
        exchange="paradex",
        symbol="BTC",
        funding_rate=Decimal("0.000022"),
        funding_time=at(-4 * HOUR - 3000),
        funding_interval=Decimal(8),
        kind=FundingKind.SETTLED,
        timestamp=at(-4 * HOUR - 3000),
    )
    assert [str(each.funding_rate) for each in found] == ["0.000022", "0.000032", "0.000042"]
    assert asks[0] == (("/v1/funding/data", OF_BTC, 1, ""),)
    first = OF_BTC | {"start_at": str(T0 - 24 * HOUR), "end_at": str(T0 - 20 * HOUR - 1)}
    second = OF_BTC | {"start_at": str(T0 - 20 * HOUR), "end_at": str(T0 - 12 * HOUR - 1)}
    assert [said[1] for said in asks[1][:2]] == [first, second]


def test_a_running_period_has_no_last_row() -> None:
    """A period has ended if a row comes after it: what is newest in a running one may change."""
    rows = [row for row in ROWS if row["created_at"] != ROWS[-1]["created_at"]]
    found, asks = asked(past.funding_history(BTC, TWO_DAYS, None), partial(funding_data, rows=rows))
    assert [str(each.funding_rate) for each in found] == ["0.000022", "0.000032"]
    assert sum(map(len, asks)) == 1 + 4  # the newest, and the four periods that ended before it


def test_a_period_is_the_markets_own() -> None:
    """Of a market that pays every 4 hours, a row each 4 hours; the row tells the hours."""
    rows = [funding_row(T0 + k * 4 * HOUR - 1, funding_period_hours=4) for k in range(4)]
    window = Window(NOON - HOURS, NOON + 9 * HOURS)
    found, _ = asked(past.funding_history(ETH, window, None), partial(funding_data, rows=rows))
    assert [(each.timestamp, each.funding_interval) for each in found] == [
        (at(-1), FOUR),
        (at(4 * HOUR - 1), FOUR),
        (at(8 * HOUR - 1), FOUR),
    ]


@pytest.mark.parametrize("old", [{"funding_period_hours": 0}, {"funding_period_hours": ""}])
def test_old_rows_are_of_eight_hours(old: Json) -> None:
    """Before 2026 the period was told as 0, and the rate of 8 hours as nothing."""
    rows = [row | old | {"funding_rate_8h": ""} for row in ROWS]
    found, _ = asked(past.funding_history(BTC, TWO_DAYS, None), partial(funding_data, rows=rows))
    assert [each.funding_interval for each in found] == [8, 8, 8]


def test_the_limit_is_the_oldest_rows() -> None:
    """No more is asked for than it takes; at most 20 periods are asked for together."""
    month = [funding_row(MIDNIGHT + k * EIGHT_HOURS - 1) for k in range(92)]
    window = Window(at(-12 * HOUR), at(30 * 24 * HOUR))
    found, asks = asked(past.funding_history(BTC, window, 25), partial(funding_data, rows=month))
    assert len(found) == 25
    assert found[0].timestamp == at(-4 * HOUR - 1)
    assert [len(said) for said in asks] == [1, 20, 20]
    everything, asks = asked(
        past.funding_history(BTC, window, None), partial(funding_data, rows=month)
    )
    assert (len(everything), max(map(len, asks))) == (90, 20)
    assert [each.timestamp for each in everything] == [
        at(-4 * HOUR - 1 + k * EIGHT_HOURS) for k in range(90)
    ]


def test_a_market_without_funding_has_no_history() -> None:
    """Nothing newest, nothing more to ask."""
    found, asks = asked(past.funding_history(BTC, TWO_DAYS, None), partial(funding_data, rows=[]))
    assert (found, len(asks)) == ([], 1)


def test_a_bad_rate_does_not_lose_the_others() -> None:
    """An empty rate is none: its row is reported."""
    bad: list[Unreadable] = []

    def answer(request: Request) -> bytes:
        rows = [ROWS[0], ROWS[1] | {"funding_rate": ""}, *ROWS[2:]]
        return funding_data(request, rows)

    found, _ = asked(past.funding_history(BTC, TWO_DAYS, None), answer, bad)
    assert [str(each.funding_rate) for each in found] == ["0.000032", "0.000042"]
    assert "at `$.funding_rate`" in str(bad[0])


def test_a_bad_candle_does_not_lose_the_others() -> None:
    """A price of zero is impossible: its row is reported."""
    bad: list[Unreadable] = []
    rows = [[T0, *FLAT], [T0 + MINUTE, 0, *FLAT[1:]], [T0 + 2 * MINUTE, *FLAT]]
    flow = as_klines(past.klines, BTC, "1m", Window(NOON, NOON + QUARTER), None)
    found, _ = asked(flow, lambda _: body({"results": rows}), bad)
    assert (len(found), len(bad)) == (2, 1)
