"""What a client asks for is understood, or refused with the field, the value, the remedy."""

import pytest

from perps_stats.api.live.requests import (
    Channel,
    Key,
    Ping,
    Subscribe,
    expand,
    id_of,
    matches,
    read_request,
)
from perps_stats.core.catalogue import DATA_SETS
from perps_stats.core.errors import BadInput

from .spoken import MARKETS

TICKERS = b'{"data_set":"tickers","exchange":"binance","symbol":"BTC"}'


@pytest.mark.parametrize(
    ("text", "field", "remedy"),
    [
        (b"", "message", "send JSON: Input data was truncated"),
        (b"{", "message", "send JSON: Input data was truncated"),
        (b"[]", "message", "Expected `object`, got `array`"),
        (b"null", "message", "Expected `object`, got `null`"),
        (b"{}", "message", "Object missing required field `op`"),
        (b'{"op":"shout"}', "op", "Invalid value 'shout'"),
        (b'{"op":"subscribe"}', "message", "Object missing required field `channels`"),
        (b'{"op":"ping","when":1}', "message", "Object contains unknown field `when`"),
        (b'{"op":"ping","id":1.5}', "id", "Expected `int | str | null`, got `float`"),
        (
            b'{"op":"ping","id":"%b"}' % (b"x" * 65),
            "id",
            "Expected `str` of length <= 64",
        ),
        (b'{"op":"subscribe","channels":[]}', "channels", "Expected `array` of length >= 1"),
        (
            b'{"op":"subscribe","channels":[%b,{"exchange":"binance"}]}' % TICKERS,
            "channels[1]",
            "Object missing required field `data_set`",
        ),
        (
            b'{"op":"subscribe","channels":[{"data_set":"tickers","depth":0}]}',
            "channels[0].depth",
            "Expected `int` >= 1",
        ),
        (b"[" * 60_000, "message", "Expected `object`, got `array`"),
        (b'{"what":' + b"[" * 60_000, "message", "it is nested too deeply"),
    ],
)
def test_a_wrong_request(text: bytes, field: str, remedy: str) -> None:
    """One line that names the place; what is shown of it is short."""
    with pytest.raises(BadInput) as raised:
        read_request(text)
    assert raised.value.field == field
    assert raised.value.remedy.startswith(remedy)
    assert len(str(raised.value.value)) <= 81


def test_requests() -> None:
    """The form that the document shows; an id is what the client wants it to be, or nothing."""
    assert read_request(b'{"op":"ping"}') == Ping()
    channel = Channel(data_set="tickers", exchange="binance", symbol="BTC")
    assert read_request(b'{"op":"subscribe","id":"a","channels":[%b]}' % TICKERS) == Subscribe(
        channels=[channel], id="a"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b'{"op":7,"id":3}', 3),
        (b'{"id":[]}', None),
        (b"\xff", None),
        (b'{"what":' + b"[" * 60_000, None),
    ],
)
def test_the_id_of_a_wrong_request(text: bytes, told: object) -> None:
    """So that the client knows which was refused."""
    assert id_of(text) == told


def test_wildcards() -> None:
    """All there are; the depth is of books alone."""
    every = Channel(data_set="*", exchange="*", symbol="*")
    assert len(expand(every, 0, MARKETS)) == len(DATA_SETS) * len(MARKETS)
    books = Channel(data_set="orderbooks", exchange="*", symbol="BTC", depth=7)
    assert list(matches(books, MARKETS)) == [
        Key("orderbooks", "binance", "BTC", 7),
        Key("orderbooks", "kucoin", "BTC", 7),
    ]
    assert expand(Channel(data_set="trades", exchange="kucoin", symbol="*"), 0, MARKETS) == [
        Key("trades", "kucoin", "BTC", 0)
    ]


@pytest.mark.parametrize(
    ("channel", "field", "remedy"),
    [
        (Channel("ticker", "binance", "BTC"), "data_set", "did you mean tickers?"),
        (Channel("tickers", "binanc", "BTC"), "exchange", "did you mean binance?"),
        (Channel("tickers", "nyse", "BTC"), "exchange", "known now: one of binance, kucoin"),
        (Channel("tickers", "kucoin", "ETH"), "symbol", "known now: one of BTC"),
        (Channel("tickers", "*", "BTCC"), "symbol", "did you mean BTC?"),
        (Channel("tickers", "*", "BTC", 5), "depth", "only orderbooks have a depth"),
        (Channel("trades", "*", "BTC", None, 1), "from", "each topic counts by itself: name it"),
    ],
)
def test_what_there_is_not(channel: Channel, field: str, remedy: str) -> None:
    """The place in the list, and the near name."""
    with pytest.raises(BadInput) as raised:
        expand(channel, 3, MARKETS)
    assert (raised.value.field, raised.value.remedy) == (f"channels[3].{field}", remedy)


def test_before_anything_is_listened_to() -> None:
    """What will come can be asked for by a wildcard alone."""
    with pytest.raises(BadInput, match="nothing is listened to yet; use \\*"):
        expand(Channel("tickers", "binance", "BTC"), 0, ())
    assert expand(Channel("tickers", "*", "*"), 0, ()) == []
