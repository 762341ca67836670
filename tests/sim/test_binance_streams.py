"""Names of streams and paths of connections."""

import pytest

from perps_stats.sim.binance.streams import (
    Address,
    Kind,
    Route,
    Stream,
    parse_address,
    parse_stream,
)


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("btcusdt@depth", Stream("BTCUSDT", Kind.DEPTH, 250)),
        ("btcusdt@depth@100ms", Stream("BTCUSDT", Kind.DEPTH, 100)),
        ("btcusdt@depth@0ms", Stream("BTCUSDT", Kind.DEPTH, 0)),
        ("btcusdt@depth20@500ms", Stream("BTCUSDT", Kind.DEPTH, 500, 20)),
        ("1000pepeusdt@bookTicker", Stream("1000PEPEUSDT", Kind.BOOK_TICKER)),
        ("btcusdt_260327@trade", Stream("BTCUSDT_260327", Kind.TRADE)),
        ("btcusdt@markPrice", Stream("BTCUSDT", Kind.MARK, 3000)),
        ("btcusdt@markPrice@1s", Stream("BTCUSDT", Kind.MARK, 1000)),
        ("btcusdt@kline_15m", Stream("BTCUSDT", Kind.KLINE, 250, interval="15m")),
        ("BTCUSDT@depth", None),
        ("btcusdt@depth7", None),
        ("btcusdt@kline_7m", None),
        ("btcusdt", None),
    ],
)
def test_a_stream_is_symbol_and_kind(name: str, topic: Stream | None) -> None:
    """Lower case; what is not known is nothing."""
    assert parse_stream(name) == topic


@pytest.mark.parametrize(
    ("path", "query", "address"),
    [
        ("/ws", "", Address(Route.UNROUTED, combined=False, streams=())),
        ("/public/ws/a@trade", "", Address(Route.PUBLIC, combined=False, streams=("a@trade",))),
        ("/market/ws/a@x/b@y", "", Address(Route.MARKET, combined=False, streams=("a@x", "b@y"))),
        ("/public/stream", "a@x/b@y", Address(Route.PUBLIC, combined=True, streams=("a@x", "b@y"))),
        ("/stream", "", Address(Route.UNROUTED, combined=True, streams=())),
        ("/private/ws", "", None),
        ("/fapi/v1/depth", "", None),
    ],
)
def test_a_path_has_a_route_and_a_form(path: str, query: str, address: Address | None) -> None:
    """/stream names its frames' streams, /ws does not."""
    assert parse_address(path, query) == address
