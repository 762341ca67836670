"""What is asked of which exchange, and that the answers are rows at the exchange's own time."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from tests.ingest.repair.wounded import NOW, Wounded, wounded

from perps_stats.core.catalogue import FUNDING_RATES, KLINES, OPEN_INTEREST, TICKERS, DataSet
from perps_stats.core.times import text_of_minute, text_of_us, to_ms, to_us
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.events import Channel
from perps_stats.ingest.grids import Grids
from perps_stats.ingest.market import MarketFeed
from perps_stats.ingest.poll.questions import TICKER, Question, Told, questions

from .test_poll import Kept

MINUTE = timedelta(minutes=1)
RECV = NOW + timedelta(milliseconds=40)


def question(here: Wounded, *channels: Channel) -> Question:
    """The one that stands for the channels."""
    (found,) = questions(here.client.exchange, channels)
    return found


async def told(here: Wounded, asked: Question, now: datetime = RECV) -> Told | None:
    """The answer of the one market that there is."""
    feed = MarketFeed(here.market, here.market_id, Grids(), Kept())
    found = await asked.ask(here.client, [feed], lambda: now)
    return found[0] if found else None


def named(kind: DataSet, answer: Told | None) -> dict[str, str | None]:
    """The answer's one row, by column."""
    assert answer is not None
    (row,) = answer.rows
    return dict(zip(kind.columns, row, strict=True))


@pytest.mark.parametrize("venue", ["binance", "aster", "paradex"])
async def test_open_interest_has_the_time_that_is_told(
    repository: PostgresRepository, venue: str
) -> None:
    """And when it was received beside it."""
    async with wounded(repository, venue) as here:
        answer = await told(here, question(here, Channel.OPEN_INTEREST))
        quantity, time = here.venue.source(here.market.native).open_interest()
        row = named(OPEN_INTEREST, answer)
        assert Decimal(str(row["open_interest"])) == Decimal(quantity)
        assert (row["ts"], row["recv_ts"]) == (text_of_us(time * 1000), text_of_us(to_us(RECV)))
        assert answer is not None
        assert (answer.until, row["market_id"]) == (NOW, str(here.market_id))


@pytest.mark.parametrize("venue", ["kucoin", "lighter"])
async def test_where_no_time_is_told_there_is_no_row(
    repository: PostgresRepository, venue: str
) -> None:
    """Never the time at which we asked."""
    async with wounded(repository, venue) as here:
        answer = await told(here, question(here, Channel.OPEN_INTEREST))
        assert answer is not None
        assert (list(answer.rows), answer.until) == ([], None)


async def test_tickers_are_asked_for_all_at_once(repository: PostgresRepository) -> None:
    """One question stands for best prices, 24-hour statistics and mark prices."""
    async with wounded(repository, "binance") as here:
        asked = question(here, Channel.BEST, Channel.DAY)
        assert (asked.of_all, asked.channels) == (True, TICKER)
        row = named(TICKERS, await told(here, asked))
        source = here.venue.source(here.market.native)
        assert row["last_price"] == source.day().last
        assert row["mark_price"] == source.mark().mark
        assert row["ts"] == text_of_us(to_us(NOW))


async def test_the_running_rate_is_an_estimate(repository: PostgresRepository) -> None:
    """Of each market on its own."""
    async with wounded(repository, "binance") as here:
        asked = question(here, Channel.FUNDING)
        row = named(FUNDING_RATES, await told(here, asked))
        assert (row["kind"], asked.of_all) == ("predicted", False)
        assert row["funding_rate"] == here.venue.source(here.market.native).mark().rate


async def test_candles_go_on_where_the_last_answer_ended(repository: PostgresRepository) -> None:
    """At first the last minutes; each once, and none that runs."""
    async with wounded(repository, "paradex") as here:
        asked = question(here, Channel.KLINES)
        minute = NOW.replace(second=0)
        first = await told(here, asked, NOW - MINUTE)
        assert first is not None
        opens = [dict(zip(KLINES.columns, row, strict=True))["ts"] for row in first.rows]
        assert opens == [_text(minute - 3 * MINUTE), _text(minute - 2 * MINUTE)]
        assert first.until == minute - MINUTE
        second = named(KLINES, await told(here, asked))
        assert second["ts"] == _text(minute - MINUTE)
        assert await told(here, asked) is None


def _text(minute: datetime) -> str:
    return text_of_minute(to_ms(minute) // 60_000)


def test_forced_orders_cannot_be_asked_for() -> None:
    """No exchange lists them again."""
    for exchange in EXCHANGES.values():
        assert questions(exchange, [Channel.LIQUIDATIONS, Channel.TRADES]) == []
