"""What the dashboards ask, answered by a real server: the figures, and what is not known."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from perps_stats.core.stored import GapFilter, Query
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES, verifiable_streams
from perps_stats.grafana.asking import sql
from perps_stats.grafana.overview import SPREAD

from .conftest import NOON, Ask, at

TEN = Decimal(10)
FIRST = NOON.timestamp()
BTC = "binance BTC (simulated)"


def price(value: str = "t.last_price", name: str = "last_price") -> str:
    return sql("tickers_over_time", {"value": value, "figure": name})


async def test_a_figure_over_time_is_the_mean_of_a_step(ask: Ask) -> None:
    """(100 + 103) / 2; a row that does not tell the price makes no step, and no zero."""
    assert sorted(await ask(price())) == [
        (FIRST, BTC, Decimal("101.5")),
        (FIRST, "kucoin BTC", Decimal(101)),
    ]


async def test_long_steps_are_made_of_stored_hours(ask: Ask) -> None:
    """The same mean: an hour counts by its samples. 12:00 lies in the step from 12:00 on."""
    assert sorted(await ask(price(), interval="2h")) == [
        (FIRST, BTC, Decimal("101.5")),
        (FIRST, "kucoin BTC", Decimal(101)),
    ]


async def test_a_spread_is_that_of_rows_with_both_sides(ask: Ask) -> None:
    """(101 - 99) / 100 is 200 basis points, by the row as by the hour."""
    for interval in ("1m", "2h"):
        assert await ask(price(SPREAD, "spread_bps"), interval=interval) == [(FIRST, BTC, 200)]


async def test_a_floor_has_a_name_of_its_own(ask: Ask) -> None:
    """The asks were known up to 5 bps in one of the two samples: their mean is a floor."""
    for interval in ("1m", "2h"):
        assert sorted(await ask(sql("depth_over_time"), interval=interval)) == [
            (FIRST, f"{BTC} ask 10 bps, at least", 900),
            (FIRST, f"{BTC} bid 10 bps", 2000),
        ]


async def test_depth_now_says_what_is_exact(ask: Ask) -> None:
    """The last book was known up to 12 bps of asks and 20 of bids; of 20 bps nothing is known."""
    assert await ask(sql("depth_now"), band=("10", "20"), side=("ask",)) == [
        (BTC, "ask", TEN, 900, "exact", at(20)),
        (BTC, "ask", 2 * TEN, None, None, at(20)),
    ]


async def test_means_are_weighted_by_time(ask: Ask) -> None:
    """(1000 * 10 + 2000 * 2) / 12, a floor for some of it; 8 of 20 s were in doubt."""
    ((time, name, value),) = await ask(sql("averages_over_time"))
    assert (time, name) == (FIRST, f"{BTC} bid 10 bps, at least")
    assert value == pytest.approx(Decimal(14_000) / 12)
    ((_, exact, floor, doubt),) = await ask(sql("averages_quality"))
    assert (exact, floor, doubt) == (Decimal("0.3"), Decimal("0.3"), Decimal("0.4"))


async def test_slippage_is_the_first_sample_of_a_step(ask: Ask) -> None:
    """At 12:00:00, not 12:00:30; what could not be filled has no cost."""
    assert sorted(await ask(sql("slippage_over_time"))) == [
        (FIRST, f"{BTC} buy 10000", Decimal("2.5")),
        (FIRST, f"{BTC} buy 100000", None),
    ]
    assert await ask(sql("slippage_over_time"), taker=("sell",)) == []


async def test_slippage_now(ask: Ask) -> None:
    """Only what was sampled last."""
    assert await ask(sql("slippage_now")) == [
        (BTC, "buy", 10_000, 9, None, "mid", "yes", None, None, at(30))
    ]
    assert await ask(sql("amounts", of_all_symbols=True)) == [("10000",)]


async def test_funding_compares_per_8_hours(ask: Ask) -> None:
    """0.0004 per 4 hours is 0.0008 per 8; without its interval a rate is not known."""
    matrix = sql("funding_matrix", of_all_symbols=True)
    assert await ask(matrix) == [
        ("BTC", "binance (simulated)", Decimal("0.0004")),
        ("BTC", "kucoin", Decimal("0.0008")),
    ]
    assert await ask(matrix, kind=("predicted",)) == [
        ("BTC", "binance (simulated)", Decimal("0.0003")),
        ("BTC", "kucoin", None),
    ]


async def test_funding_over_time(ask: Ask) -> None:
    """Settled as points at the exchange's time, estimates as means; none without an interval."""
    assert sorted(await ask(sql("funding_settled"))) == [
        (NOON, BTC, Decimal("0.0004")),
        (NOON, "kucoin BTC", Decimal("0.0008")),
    ]
    assert await ask(sql("funding_predicted")) == [
        (FIRST - 600, BTC, Decimal("0.0001")),
        (FIRST - 60, BTC, Decimal("0.00025")),
    ]


async def test_a_settlement_is_held_against_its_last_estimate(ask: Ask) -> None:
    """0.0004 - 0.0002 is 2 basis points, told a minute before; of kucoin nothing was told."""
    assert await ask(sql("funding_error")) == [
        (NOON, BTC, Decimal("0.0004"), Decimal("0.0002"), 2, 60),
        (NOON, "kucoin BTC", Decimal("0.0004"), None, None, None),
    ]


async def test_funding_now(ask: Ask) -> None:
    """Per hour, 8 hours and year of 8,760 hours."""
    found = await ask(sql("funding_now"), exchange=("kucoin",))
    rate, hour = Decimal("0.0004"), Decimal("0.0001")
    assert found == [
        ("kucoin BTC", "predicted", rate, None, None, None, None, NOON, at(60)),
        ("kucoin BTC", "settled", rate, 4, hour, 8 * hour, 8760 * hour, NOON, NOON),
    ]


async def test_markets_now(ask: Ask) -> None:
    """Each figure with its own time; what is not known is null; a market without rows is absent."""
    binance, kucoin = await ask(sql("markets_now", of_all_symbols=True))
    assert binance == (
        *("binance", "BTC", "simulated", None, None),
        *(3000, "exact", 900, "exact", Decimal("0.0004"), "settled", 500, 9000),
        *(at(180), at(20), NOON, at(65)),
    )
    assert kucoin == (
        *("kucoin", "BTC", "live", 101, None, None, None, None, None, None, "predicted", 700),
        *(None, NOON, None, at(60), NOON),
    )


async def test_open_interest_is_in_quote(ask: Ask) -> None:
    """2 contracts at 103 are 206, 500 is what was told; without a price nothing is known."""
    assert sorted(await ask(sql("open_interest_over_time"))) == [
        (FIRST, BTC, 206),
        (FIRST, "kucoin BTC", 700),
        (FIRST + 60, BTC, 500),
    ]


async def test_simulated_data_is_marked(ask: Ask) -> None:
    """At the head of each dashboard, whichever exchanges are chosen."""
    assert await ask(sql("simulated")) == [("SIMULATED: binance",)]
    assert await ask(sql("simulated"), exchange=("kucoin",)) == [("not simulated",)]


async def test_what_can_be_chosen(ask: Ask) -> None:
    """Exchanges, the symbols of those that are chosen, streams."""
    assert await ask(sql("exchanges")) == [("binance",), ("kucoin",)]
    assert await ask(sql("symbols")) == [("BTC",), ("ETH",)]
    assert await ask(sql("symbols"), exchange=("kucoin",)) == [("BTC",)]
    assert await ask(sql("streams")) == [("orderbook",), ("trades",)]


async def test_gaps_are_regions(ask: Ask) -> None:
    """An open one reaches to the end of the span; one that ended before it is not there."""
    found = {row[2]: (row[0], row[1], row[3]) for row in await ask(sql("gap_annotations"))}
    assert found == {
        f"{BTC} trades: silence": (at(10), at(40), "gap,trades,silence"),
        f"{BTC} orderbook: crash, still open": (at(50), at(3600), "gap,orderbook,crash"),
    }


async def test_gaps_are_listed(ask: Ask) -> None:
    """The newest first; of an open one the end is not known."""
    crash, silence = await ask(sql("gaps_list"))
    assert crash[:6] == (at(50), None, None, BTC, "orderbook", "crash")
    assert silence[:6] == (at(10), at(40), 30, BTC, "trades", "silence")
    assert [row[4] for row in await ask(sql("gaps_list"), stream=("trades",))] == ["trades"]


async def test_gaps_are_summed_as_everywhere(ask: Ask, filled: PostgresRepository) -> None:
    """By the statement that the command line asks."""
    found = {(row[0], row[1]): row[2:] for row in await ask(sql("gaps_by_cause"))}
    assert found == {
        ("trades", "silence"): (1, 0, 1, 30, None, None),
        ("orderbook", "crash"): (1, 1, 1, 3550, None, None),
    }
    query = Query(start=at(-3600), end=at(3600))
    sums = await filled.sum_gaps(query, GapFilter())
    assert {(one.stream, one.cause.value) for one in sums} == set(found)


async def test_coverage_is_that_of_every_face(ask: Ask, filled: PostgresRepository) -> None:
    """11:00 to 13:00 of a day: the same seconds as the command line tells, stream by stream."""
    query = Query(start=at(-3600), end=at(3600))
    told = await filled.get_stream_coverage(
        query, (), by="day", verifiable=verifiable_streams(EXCHANGES)
    )
    expected = {
        one.stream: (float(one.verified + one.unverifiable), one.in_gaps, one.not_collected)
        for one in told
    }
    assert expected == {
        "orderbook": (50.0, Decimal(3550), Decimal(3600)),
        "trades": (20.0, Decimal(30), Decimal(7150)),
    }
    rows = await ask(sql("coverage_table"))
    assert {row[2]: ((row[3] or row[4]), row[5], row[6]) for row in rows} == expected
    for row in rows:
        is_verified = ("binance", row[2]) in verifiable_streams(EXCHANGES)
        assert (row[3] is None, row[4] is None) == (not is_verified, is_verified)


async def test_coverage_of_a_day_sums_to_one(ask: Ask) -> None:
    """Of both streams: 14,400 s, of which 70 vouched for and 3,580 in gaps."""
    ((day, verified, unverifiable, in_gaps, not_collected),) = await ask(sql("coverage_by_day"))
    assert day == datetime(2026, 3, 1, tzinfo=UTC)
    seconds = [
        Decimal(str(share or 0)) * 14_400
        for share in (verified, unverifiable, in_gaps, not_collected)
    ]
    assert seconds[0] + seconds[1] == pytest.approx(70)
    assert seconds[2:] == [pytest.approx(3580), pytest.approx(14_400 - 70 - 3580)]


async def test_a_calendar_shows_what_was_heard(ask: Ask) -> None:
    """Of the 50 s that somebody listened to trades, 30 were in a gap."""
    found = {row[1]: row[2] for row in await ask(sql("coverage_calendar"))}
    assert found[f"{BTC} trades"] == Decimal("0.4")
