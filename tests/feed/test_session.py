"""One conversation: what is wanted, what is set aside, when silence is suspicious."""

from dataclasses import replace
from functools import partial

import pytest
from msgspec import Raw

from perps_stats.core.errors import Refused, Unreadable
from perps_stats.core.types import Market
from perps_stats.exchanges.contract import Decode, Stream, Subscription
from perps_stats.exchanges.events import (
    Ack,
    BestTick,
    BookDelta,
    BookSnapshot,
    Channel,
    Event,
    Farewell,
    Greeting,
    Ignored,
    MarkTick,
    Ping,
    Unsubscribed,
)
from perps_stats.feed.session import Due, Session

BEST = BestTick("BTCUSDT", 1, 1, "1", "1", "2", "1")
DELTA = BookDelta("BTCUSDT", 1, 1, 1, 0, Raw(b"[]"), Raw(b"[]"))


def unreadable(_frame: bytes) -> tuple[Event, ...]:
    raise Unreadable("not JSON", b"?")


BOOK = BookSnapshot("BTCUSDT", 2, 9, Raw(b"[]"), Raw(b"[]"), None, chained=True)
MARKET = Market(native="BTCUSDT", contract="BTC-USDT-PERP", base="BTC", quote="USDT", settle="USDT")


def says(word: str, subscription: Subscription) -> list[bytes]:
    channels, natives = subscription.channels, [each.native for each in subscription.markets]
    return [f"{word} {' '.join(channels)} of {' '.join(natives)}".encode()]


def stream_of(*events: Event) -> Stream:
    return Stream(
        url="",
        paths={},
        subscribe=partial(says, "subscribe"),
        decoder=lambda _markets: lambda _frame: events,
        streams_per_connection=10,
        messages_per_second=10,
        silence_seconds={Channel.ORDERBOOK: 10, Channel.TRADES: 60, Channel.BEST: 10},
        lifetime_seconds=1000,
    )


def listening_to(stream: Stream, *channels: Channel) -> Session:
    return Session(stream, Subscription(channels=channels, markets=(MARKET,)), now=0.0)


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
    assert session.silent_for(Channel.ORDERBOOK, 15.0) == 10.0


def test_a_mute_channel_is_noticed_on_a_lively_connection() -> None:
    """The book goes on, trades have said nothing for their own limit of a minute."""
    session = listening_to(stream_of(DELTA), Channel.TRADES, Channel.ORDERBOOK)
    session.to_send()
    for second in range(1, 60):
        session.received(b"", now=second)
        assert session.due(second) is Due.NOTHING
    session.received(b"", now=60.0)
    assert session.due(60.0) is Due.CHECK
    assert session.silent(60.0) == [Channel.TRADES]
    assert not session.is_dead(60.0)
    assert session.is_dead(70.0)


def test_only_what_was_asked_for_is_a_sign_of_life_of_a_channel() -> None:
    """An answer to a ping shows that the connection stands, not that the book is told."""
    session = listening_to(stream_of(Ignored("pong")), Channel.ORDERBOOK)
    session.to_send()
    session.received(b"", now=9.0)
    assert not session.is_proven
    assert session.due(10.0) is Due.CHECK


@pytest.mark.parametrize(
    ("wanted", "missed"),
    [
        ((Channel.MARK, Channel.OPEN_INTEREST), Channel.MARK),
        ((Channel.OPEN_INTEREST,), Channel.OPEN_INTEREST),
    ],
)
def test_open_interest_is_heard_with_mark_prices(
    wanted: tuple[Channel, ...], missed: Channel
) -> None:
    """It has no events of its own: it is not missed beside mark prices, and heard without them."""
    mark = MarkTick("BTCUSDT", 1, "1", open_interest="5")
    stream = replace(stream_of(mark), silence_seconds=dict.fromkeys(wanted, 10.0))
    session = listening_to(stream, *wanted)
    assert session.received(b"", 9.0) == (mark,)
    assert not session.silent(18.0)
    assert session.silent(19.0) == [missed]


def test_a_channel_is_not_missed_before_it_was_asked_for() -> None:
    """At the exchange's pace the last subscription may leave after minutes."""
    session = listening_to(stream_of(DELTA), Channel.BEST, Channel.ORDERBOOK)
    for second in range(1, 30):
        session.received(b"", now=second)
        assert session.due(second) is Due.NOTHING
    before, _, after = session.is_subscribed, session.to_send(), session.is_subscribed
    assert (before, after) == (False, True)
    session.received(b"", now=39.0)
    assert session.due(38.9) is Due.NOTHING
    assert session.due(39.0) is Due.CHECK
    assert session.silent(39.0) == [Channel.BEST]


def test_an_announced_end_makes_it_old() -> None:
    """The exchange says that it will end the connection: the next is opened before."""
    session = listening_to(stream_of(Farewell(), DELTA), Channel.ORDERBOOK)
    assert session.due(1.0) is Due.NOTHING
    assert session.received(b"", now=1.0) == (DELTA,)
    assert session.due(1.0) is Due.RENEW


def test_a_quiet_market_is_checked_again_after_half_the_limit() -> None:
    """The check showed that the exchange has nothing newer."""
    session = listening_to(stream_of(DELTA), Channel.ORDERBOOK)
    session.to_send()
    session.due(0.0)
    session.found_quiet(Channel.ORDERBOOK, 10.0)
    assert session.due(14.9) is Due.NOTHING
    assert session.due(15.0) is Due.CHECK


def test_a_frame_that_cannot_be_read_is_no_sign_of_life() -> None:
    """Garbage does not put off the check."""
    session = listening_to(
        replace(stream_of(), decoder=lambda _markets: unreadable), Channel.ORDERBOOK
    )
    with pytest.raises(Unreadable):
        session.received(b"?", now=9.0)
    assert session.due(10.0) is Due.CHECK


def test_a_connection_is_renewed_before_the_exchange_ends_it() -> None:
    """Its lifetime is a fact of the exchange."""
    session = listening_to(stream_of(DELTA), Channel.ORDERBOOK)
    session.received(b"", now=999.0)
    assert session.due(1000.0) is Due.RENEW


def a_dialogue(*frames: tuple[Event, ...], **differences: object) -> tuple[Stream, Decode]:
    """A stream whose frames are the digits that number the events they mean."""

    def decode(frame: bytes) -> tuple[Event, ...]:
        return frames[int(frame)]

    stream = stream_of()
    return replace(stream, decoder=lambda _markets: decode, **differences), decode  # type: ignore[arg-type] # any field


def test_it_subscribes_at_once_unless_the_exchange_greets_first() -> None:
    """What is to be sent is collected once; a greeting that is waited for brings it."""
    session = listening_to(stream_of(), Channel.TRADES)
    assert session.to_send() == [b"subscribe trades of BTCUSDT"]
    assert session.to_send() == []
    greeted, _ = a_dialogue((Greeting(),), greets=True)
    session = listening_to(greeted, Channel.TRADES)
    assert session.to_send() == []
    assert session.received(b"0", now=0.1) == ()
    assert session.to_send() == [b"subscribe trades of BTCUSDT"]


def test_it_shows_signs_of_life() -> None:
    """A ping of ours each so many seconds, and an answer to each of theirs."""
    stream, _ = a_dialogue((Ping(b"pong"),), ping=b"ping", ping_seconds=18)
    session = listening_to(stream, Channel.TRADES)
    session.to_send()
    session.due(17.9)
    assert session.to_send() == []
    session.due(18.0)
    session.due(18.5)
    assert session.to_send() == [b"ping"]
    session.received(b"0", now=19.0)
    assert session.to_send() == [b"pong"]


def test_a_book_is_renewed_by_unsubscribe_confirmation_subscribe() -> None:
    """Asked for twice, it is done once; the new snapshot ends it, and it can be done again."""
    stream, _ = a_dialogue(
        (Unsubscribed("BTCUSDT", Channel.ORDERBOOK),),
        (BOOK,),
        unsubscribe=partial(says, "unsubscribe"),
    )
    session = listening_to(stream, Channel.ORDERBOOK, Channel.TRADES)
    session.to_send()
    session.renew_book("BTCUSDT", 1.0)
    session.renew_book("BTCUSDT", 1.1)
    assert session.to_send() == [b"unsubscribe orderbook of BTCUSDT"]
    session.received(b"0", now=1.2)
    assert session.to_send() == [b"subscribe orderbook of BTCUSDT"]
    assert session.received(b"1", now=1.3) == (BOOK,)
    session.received(b"0", now=1.4)
    assert session.to_send() == []
    session.renew_book("BTCUSDT", 2.0)
    assert session.to_send() == [b"unsubscribe orderbook of BTCUSDT"]


def test_a_book_that_was_on_its_way_does_not_end_a_renewal() -> None:
    """It comes before the confirmation; the book is subscribed anew all the same."""
    stream, _ = a_dialogue(
        (Unsubscribed("BTCUSDT", Channel.ORDERBOOK),),
        (BOOK,),
        unsubscribe=partial(says, "unsubscribe"),
    )
    session = listening_to(stream, Channel.ORDERBOOK)
    session.to_send()
    session.renew_book("BTCUSDT", 1.0)
    assert session.to_send() == [b"unsubscribe orderbook of BTCUSDT"]
    assert session.received(b"1", now=1.1) == (BOOK,)
    session.received(b"0", now=1.2)
    assert session.to_send() == [b"subscribe orderbook of BTCUSDT"]


def test_a_book_that_cannot_be_renewed_is_stuck() -> None:
    """Without the exchange's confirmation, only another connection helps."""
    stream, _ = a_dialogue((DELTA,), unsubscribe=partial(says, "unsubscribe"))
    session = listening_to(stream, Channel.ORDERBOOK)
    session.renew_book("BTCUSDT", 1.0)
    session.received(b"0", now=15.9)
    assert session.due(15.9) is Due.NOTHING
    assert session.due(16.0) is Due.STUCK


def test_what_cannot_wait_goes_first() -> None:
    """Subscriptions may take minutes at the exchange's pace: signs of life are not behind them."""
    stream, _ = a_dialogue(
        (Ping(b"pong"),), ping=b"ping", ping_seconds=18, unsubscribe=partial(says, "unsubscribe")
    )
    session = listening_to(stream, Channel.ORDERBOOK)
    session.received(b"0", now=1.0)
    session.renew_book("BTCUSDT", 1.0)
    assert session.next_to_send() == b"pong"
    assert session.to_send() == [
        b"unsubscribe orderbook of BTCUSDT",
        b"subscribe orderbook of BTCUSDT",
    ]
    assert session.next_to_send() is None
