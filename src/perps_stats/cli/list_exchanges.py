"""``exchanges``: the exchanges, and what each of them offers, read from their own values."""

from collections.abc import Iterator

import click

from perps_stats.cli.options import CONTEXT, output_options, settings_with
from perps_stats.cli.output import Output, Printed, Record, Screen, show
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange
from perps_stats.exchanges.events import Channel
from perps_stats.settings import ExchangeSettings

QUESTIONS = (
    "markets",
    "tickers",
    "ticker",
    "orderbook",
    "trades",
    "aggregated_trades",
    "klines",
    "funding",
    "funding_history",
    "open_interest",
    "stats",
    "all_stats",
)
WHOLE_BOOK = 100_000
"""A greater depth than this is never asked for: the exchange gives its whole book."""
FIELDS = (
    *("exchange", "rest_url", "ws_url", "answers", "streams", "intervals", "max_depth"),
    *("books_start_from", "all_stats_requests"),
)
COLUMNS = (
    "exchange",
    *QUESTIONS,
    *(f"stream {channel}" for channel in Channel),
    *("books_start_from", "depth", "all_stats_requests"),
)


@click.command(context_settings=CONTEXT)
@output_options
def command(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """The exchanges, where they are reached, and what each of them answers and streams.

    Read from the program itself: what is not offered here, the exchange does not give.
    """
    where = Output(as_json, as_csv, output)
    overridden = settings_with({}).exchanges
    records = [
        _record(exchange, overridden.get(name, ExchangeSettings()))
        for name, exchange in EXCHANGES.items()
    ]
    show(Printed(records=records, fields=FIELDS, screen=Screen(COLUMNS, rows=_matrix)), where)
    return 0


def _record(exchange: Exchange, own: ExchangeSettings) -> Record:
    stream = exchange.stream
    return {
        "exchange": exchange.name,
        "rest_url": own.rest_url or exchange.rest.url,
        "ws_url": own.ws_url or (stream.url if stream else None),
        "answers": [name for name in QUESTIONS if getattr(exchange, name) is not None],
        "streams": [channel.value for channel in stream.paths] if stream else [],
        "intervals": list(exchange.intervals),
        "max_depth": exchange.max_depth,
        "books_start_from": "the stream" if exchange.book_snapshot is None else "a snapshot",
        "all_stats_requests": exchange.all_stats_requests,
    }


def _matrix(record: Record) -> Iterator[Record]:
    answers, streams = record["answers"], record["streams"]
    if not isinstance(answers, list) or not isinstance(streams, list):
        return
    depth = record["max_depth"]
    yield {
        **record,
        **{name: name in answers for name in QUESTIONS},
        **{f"stream {channel}": channel.value in streams for channel in Channel},
        "depth": "whole" if isinstance(depth, int) and depth >= WHOLE_BOOK else depth,
    }
