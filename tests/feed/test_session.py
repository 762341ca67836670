"""One conversation: what is wanted, what is set aside, when silence is suspicious."""

from dataclasses import replace

import pytest
from msgspec import Raw

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    Channel,
    Event,
    Ignored,
    Stream,
    Subscription,
)
from perps_stats.feed.session import Due, Session

BEST = BestTick("BTCUSDT", 1, 1, "1", "1", "2", "1")
DELTA = BookDelta("BTCUSDT", 1, 1, 1, 0, Raw(b"[]"), Raw(b"[]"))


def unreadable(_frame: bytes) -> tuple[Event, ...]:
    raise Unreadable("not JSON", b"?")


def stream_of(*events: Event) -> Stream:
    return Stream(
        url="",
        paths={},
        subscribe=lambda subscription: [str(subscription.natives).encode()],
        decode=lambda _frame: events,
        parse_levels=lambda _raw: (),
        streams_per_connection=10,
        messages_per_second=10,
        silence_seconds={Channel.ORDERBOOK: 10, Channel.TRADES: 60, Channel.BEST: 10},
        lifetime_seconds=1000,
    )


def listening_to(stream: Stream, *channels: Channel) -> Session:
    return Session(stream, Subscription(channels=channels, natives=("BTCUSDT",)), now=0.0)


def test_one_frame_may_hold_several_events() -> None:
    """Those that were asked for are passed on in order."""
    session = listening_to(stream_of(DELTA, BEST, DELTA), Channel.ORDERBOOK)
    assert session.received(b"", now=1.0) == (DELTA, DELTA)


def test_only_what_was_asked_for_is_passed_on() -> None:
    """A server may push other streams of the market; they are counted and dropped."""
    session = listening_to(stream_of(BEST, DELTA, Ignored("miniTicker")), Channel.ORDERBOOK)
    assert session.received(b"", now=1.0) == (DELTA,)
    assert session.counts == {"ignored best": 1, "ignored miniTicker": 1}


def test_a_refused_subscription_is_an_error() -> None:
    """An acknowledgement with an error is the exchange's refusal; one without is counted."""
    session = listening_to(stream_of(Ack("1")), Channel.TRADES)
    assert session.received(b"", now=1.0) == ()
    assert session.counts == {"ack": 1}
    with pytest.raises(Refused, match="no such stream"):
        listening_to(stream_of(Ack("1", "no such stream")), Channel.TRADES).received(b"", 1.0)


def test_silence_is_checked_after_the_strictest_limit() -> None:
    """Ten seconds without a frame on a connection that carries a book."""
    session = listening_to(stream_of(DELTA), Channel.TRADES, Channel.ORDERBOOK)
    session.received(b"", now=5.0)
    assert session.due(14.9) is Due.NOTHING
    assert session.due(15.0) is Due.CHECK
    assert session.silent_for(15.0) == 10.0


def test_a_quiet_market_is_checked_again_after_half_the_limit() -> None:
    """The check showed that the exchange has nothing newer."""
    session = listening_to(stream_of(DELTA), Channel.ORDERBOOK)
    session.found_quiet(10.0)
    assert session.due(14.9) is Due.NOTHING
    assert session.due(15.0) is Due.CHECK


def test_a_frame_that_cannot_be_read_is_no_sign_of_life() -> None:
    """Garbage does not put off the check."""
    session = listening_to(replace(stream_of(), decode=unreadable), Channel.ORDERBOOK)
    with pytest.raises(Unreadable):
        session.received(b"?", now=9.0)
    assert session.due(10.0) is Due.CHECK


def test_a_connection_is_renewed_before_the_exchange_ends_it() -> None:
    """Its lifetime is a fact of the exchange."""
    session = listening_to(stream_of(DELTA), Channel.ORDERBOOK)
    session.received(b"", now=999.0)
    assert session.due(1000.0) is Due.RENEW
