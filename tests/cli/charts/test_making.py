"""Whole figures out of a real database, and what is said where there is nothing to draw."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

import pytest
from msgspec.structs import replace
from tests.cli.charts.made import DAY, HOUR, MINUTE, NOON, depth, funding, gap, kline, market

from perps_stats.cli.charts.figure import Figure, Span
from perps_stats.cli.charts.making import (
    NothingHeld,
    Question,
    of_funding,
    of_klines,
    of_liquidity,
)
from perps_stats.core.traits import Repository
from perps_stats.database.repository import PostgresRepository

Make: TypeAlias = Callable[[Repository], Awaitable[Figure]]
BTC = Question(symbols=("BTC",), exchanges=None, known=("binance", "kucoin"), span=DAY, most=100)
BACKFILL, FROM = "`perps-stats backfill --data", "--from 2026-03-02T12:00Z"
BOTH = replace(BTC, exchanges=("binance", "kucoin"))


@pytest.fixture(name="stored")
async def stored_markets(repository: PostgresRepository) -> PostgresRepository:
    """BTC of two exchanges, of which one is simulated, and ETH."""
    await repository.store_markets([market(), market(base="ETH")], simulated=True)
    await repository.store_markets([market("kucoin")], simulated=False)
    return repository


def titles(figure: Figure) -> list[str]:
    return [panel.title for panel in figure.panels]


async def test_candles_of_two_symbols(stored: PostgresRepository) -> None:
    """Panels below each other over one time axis, which ends where the last candle closes."""
    await stored.store_klines([kline(0), kline(23), kline(1, symbol="ETH")])
    question = replace(BTC, symbols=("BTC", "ETH", "BTCUSDT"))
    figure = await of_klines(stored, question, "1h")
    assert figure.title == "BTC, ETH: candles of 1h"
    assert titles(figure) == ["BTC, binance", "BTC, volume", "ETH, binance", "ETH, volume"]
    assert (figure.start, figure.end) == (DAY.start, DAY.end)
    assert (figure.exchanges, figure.simulated) == (("binance",), ("binance",))
    assert [record["symbol"] for record in figure.records] == ["BTC", "BTC", "ETH"]


async def test_what_is_not_there_is_said(stored: PostgresRepository) -> None:
    """The exchange, and the ends of the span; partial if the exchange was asked for by name."""
    await stored.store_klines([kline(12)])
    figure = await of_klines(stored, BTC, "1h")
    assert figure.notes == (
        "BTC: nothing is held of kucoin",
        "nothing is held before 2026-03-03 00:00",
        "nothing is held after 2026-03-03 01:00",
    )
    assert not figure.partial
    assert (await of_klines(stored, BOTH, "1h")).partial


@pytest.mark.parametrize(
    ("symbols", "exchanges", "note"),
    [
        (("BTC", "DOGE"), None, "DOGE: no such market is stored"),
        (("BTC",), ("binance", "lighter"), "BTC: no such market is stored of lighter"),
        (("BTC", "kucoin:ETH"), None, "kucoin:ETH: no such market is stored of kucoin"),
    ],
)
async def test_a_name_that_is_not_stored_is_said(
    stored: PostgresRepository,
    symbols: tuple[str, ...],
    exchanges: tuple[str, ...] | None,
    note: str,
) -> None:
    """The rest is drawn, and it is told that it is a part."""
    await stored.store_klines([kline(at) for at in range(24)])
    known = (*BTC.known, "lighter")
    question = replace(BTC, symbols=symbols, exchanges=exchanges, known=known)
    figure = await of_klines(stored, question, "1h")
    assert note in figure.notes
    assert figure.partial


async def test_a_panel_without_anything_is_none(stored: PostgresRepository) -> None:
    """Where no volume is known there are no bars."""
    await stored.store_klines([kline(0, volume=None)])
    assert titles(await of_klines(stored, BTC, "1h")) == ["BTC, binance"]


async def test_too_many_candles_become_longer_ones(stored: PostgresRepository) -> None:
    """The picture, and the numbers too; the note says so."""
    await stored.store_klines([kline(at, interval="1m") for at in range(240)])
    figure = await of_klines(stored, replace(BTC, most=60), "1m")
    assert figure.title == "BTC: candles of 5m"
    assert len(figure.panels[0].candles) == len(figure.records) == 48
    assert figure.notes[:2] == (
        "BTC: 1m candles would be too many here; these are of 5m",
        "BTC: made of candles of 1m; where one is missing there is a hole",
    )


async def test_funding_of_two_exchanges(stored: PostgresRepository) -> None:
    """On one axis, from the begin of the first interval on."""
    await stored.store_funding_rates([funding(8), funding(9, interval="1", exchange="kucoin")])
    figure = await of_funding(stored, BTC, "8h")
    assert figure.title == "BTC: settled funding, % per 8 h"
    assert [run.exchange for run in figure.panels[0].runs] == ["binance", "kucoin"]
    assert (figure.start, figure.end) == (NOON, NOON + 9 * HOUR)


async def test_liquidity_with_its_gaps(stored: PostgresRepository) -> None:
    """A gap that is still open is shown to the end, where nothing else is."""
    await stored.store_liquidity_depth([depth(0), depth(1)])
    await stored.store_gap(gap(1, None))
    figure = await of_liquidity(stored, BTC, "10bps")
    assert figure.title == "BTC: value within 10 bps of mid"
    assert titles(figure) == ["BTC, bids within 10 bps of mid", "BTC, asks within 10 bps of mid"]
    assert (figure.start, figure.end) == (NOON, DAY.end)
    assert figure.panels[0].shades[0].start == NOON + MINUTE


async def test_a_single_moment_has_room_around_it(stored: PostgresRepository) -> None:
    """Half a minute on either side."""
    await stored.store_liquidity_depth([depth(5)])
    figure = await of_liquidity(stored, BTC, "10bps")
    half = timedelta(seconds=30)
    assert (figure.start, figure.end) == (NOON + 5 * MINUTE - half, NOON + 5 * MINUTE + half)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda repository: of_klines(repository, BTC, "1h"),
            f"no candles of 1h of BTC .*{BACKFILL} klines --intervals 1h {FROM} -s BTC`",
        ),
        (
            lambda repository: of_funding(repository, BOTH, "8h"),
            f"no settled funding rates .*{BACKFILL} funding {FROM} -e binance,kucoin -s BTC`",
        ),
        (
            lambda repository: of_liquidity(repository, BTC, "10bps"),
            "no usable samples of liquidity of BTC .*`perps-stats stream -s BTC`",
        ),
    ],
)
async def test_nothing_is_held(stored: PostgresRepository, make: Make, told: str) -> None:
    """What is missing, when, and the command that gets it."""
    with pytest.raises(NothingHeld, match=f"{told}$") as error:
        await make(stored)
    assert "are held from 2026-03-02 12:00 to 2026-03-03 12:00 UTC;" in str(error.value)
    assert error.value.exit_code == 1


async def test_what_is_held_at_other_times_is_said(stored: PostgresRepository) -> None:
    """So that one knows what to ask for."""
    await stored.store_klines([kline(0)])
    await stored.store_funding_rates([funding(0)])
    await stored.store_liquidity_depth([depth(0)])
    later = replace(BTC, span=Span(DAY.end, DAY.end + HOUR))
    last = "; the last is of 2026-03-02 12:00: say --from, or (fetch|collect) them with"
    for making in (
        of_klines(stored, later, "1h"),
        of_funding(stored, later, "8h"),
        of_liquidity(stored, later, "10bps"),
    ):
        with pytest.raises(NothingHeld, match=last):
            await making


async def test_other_intervals_that_are_held_are_said(stored: PostgresRepository) -> None:
    """Of which no shorter candle can be made."""
    await stored.store_klines([kline(0)])
    with pytest.raises(NothingHeld, match=r"; there are 1h: say --interval$"):
        await of_klines(stored, BTC, "5m")


async def test_an_unusable_book_is_nothing_to_draw(stored: PostgresRepository) -> None:
    """Its value is unknown, not zero."""
    await stored.store_liquidity_depth([depth(0, None)])
    with pytest.raises(NothingHeld, match="no usable samples of liquidity of BTC"):
        await of_liquidity(stored, BTC, "10bps")
