"""Of which streams a missing message is noticed, by what the exchanges document: WIRE."""

from perps_stats.exchanges import EXCHANGES, verifiable_streams


def test_streams_that_are_counted_by_the_exchange() -> None:
    """Chained updates of books, trades that are numbered one by one; nothing else."""
    assert verifiable_streams(EXCHANGES) == {
        ("binance", "orderbook"),  # pu is the u before
        ("binance", "trades"),  # t rises by one
        ("kucoin", "orderbook"),  # sequence + 1
        ("lighter", "orderbook"),  # begin_nonce is the nonce before
        ("aster", "orderbook"),  # as binance; its trades come in aggregates
    }


def test_only_what_is_streamed_is_verifiable() -> None:
    """A stream that is not offered cannot be counted."""
    for exchange in EXCHANGES.values():
        assert exchange.stream is not None
        assert exchange.stream.verifiable <= set(exchange.stream.paths)
