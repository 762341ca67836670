"""``exchanges``: the exchanges, and what each of them offers, read from their own values."""

import click

from perps_stats.cli.options import CONTEXT, output_options, settings_with
from perps_stats.cli.output import Output, Printed, Record, Screen, show
from perps_stats.exchanges import EXCHANGES
from perps_stats.exchanges.contract import Exchange
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
FIELDS = ("exchange", "rest_url", "ws_url", "answers", "streams", "intervals", "max_depth")
COLUMNS = ("exchange", "answers", "streams", "max_depth")


@click.command(context_settings=CONTEXT)
@output_options
def command(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """The exchanges, where they are reached, and what each of them answers and streams."""
    where = Output(as_json, as_csv, output)
    overridden = settings_with({}).exchanges
    records = [
        _record(exchange, overridden.get(name, ExchangeSettings()))
        for name, exchange in EXCHANGES.items()
    ]
    show(Printed(records=records, fields=FIELDS, screen=Screen(COLUMNS)), where)
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
    }
