"""One question to several exchanges about several symbols: what fails is a row with its reason."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from perps_stats.cli.options import names_of, settings_with
from perps_stats.cli.output import Output, Printed, Record, Screen, show
from perps_stats.core.errors import BadInput, PerpsError
from perps_stats.core.symbols import split_full
from perps_stats.feed.client import ExchangeClient
from perps_stats.settings import Settings

PARTIAL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """``one`` asks about a symbol, ``every`` about all that the exchange lists."""

    fields: Sequence[str]
    screen: Screen
    units: Mapping[str, str]
    one: Callable[[ExchangeClient, str], Awaitable[list[Record]]] | None = None
    every: Callable[[ExchangeClient], Awaitable[list[Record]]] | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """Which exchanges, and of each which symbols; ``None``: all there are."""

    exchanges: list[str] | None
    symbols: list[str] | None

    @classmethod
    def of(cls, exchanges: str | None, symbols: str | None) -> "Targets":
        """``binance:BTC`` asks that exchange only. Raises ``BadInput``."""
        names = None if exchanges is None else names_of(exchanges, "exchanges")
        wanted = None if symbols is None else names_of(symbols, "symbols")
        owners = [split_full(symbol)[0] for symbol in wanted or []]
        if names is None and owners and all(owners):
            return cls([owner for owner in dict.fromkeys(owners) if owner], wanted)
        for owner, symbol in zip(owners, wanted or [], strict=True):
            if names is not None and owner not in {None, *names}:
                raise BadInput("symbols", symbol, f"name {owner} among the exchanges, too")
        return cls(names, wanted)

    def symbols_of(self, exchange: str) -> list[str | None]:
        """``None`` stands for every market of the exchange."""
        if self.symbols is None:
            return [None]
        return [symbol for symbol in self.symbols if split_full(symbol)[0] in {None, exchange}]


@dataclass(frozen=True, slots=True)
class Outcome:
    records: list[Record]
    error: PerpsError | None = None


def ask(inquiry: Inquiry, exchanges: str | None, symbols: str | None, output: Output) -> int:
    """Print the answers. The exit code says whether all or only some could be had; raises the
    first failure where none could.
    """
    targets = Targets.of(exchanges, symbols)
    outcomes, simulated = asyncio.run(_ask(settings_with({}), targets, inquiry))
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failures and len(failures) == len(outcomes):
        raise _first(failures)
    printed = Printed(
        records=[record for outcome in outcomes for record in outcome.records],
        fields=(*inquiry.fields, "error"),
        screen=inquiry.screen,
        units=inquiry.units,
        simulated=simulated,
    )
    show(printed, output)
    return PARTIAL if failures else 0


def _first(failures: Sequence[PerpsError]) -> PerpsError:
    """The others, where they differ, are told before it."""
    lines = dict.fromkeys(" ".join(str(failure).split()) for failure in failures)
    for line in list(lines)[1:]:
        sys.stderr.write(f"perps-stats: {line}\n")
    return failures[0]


async def _ask(
    settings: Settings, targets: Targets, inquiry: Inquiry
) -> tuple[list[Outcome], list[str]]:
    """The outcomes in the order asked, and the exchanges that are simulated."""
    from perps_stats.app.clients import open_exchanges  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415

    configure_logs(settings.log)
    async with open_exchanges(settings, targets.exchanges) as asked:
        outcomes = await asyncio.gather(
            *(
                _outcome(inquiry, each.client, symbol)
                for name, each in asked.items()
                for symbol in targets.symbols_of(name)
            )
        )
        simulated = [name for name, each in asked.items() if each.sender.simulated]
    return outcomes, simulated


async def _outcome(inquiry: Inquiry, client: ExchangeClient, symbol: str | None) -> Outcome:
    blank: Record = dict.fromkeys((*inquiry.fields, "error"))
    try:
        found = await _records(inquiry, client, symbol)
    except PerpsError as error:
        failed = {"exchange": client.get_name(), "symbol": symbol, "error": str(error)}
        return Outcome([blank | failed], error)
    return Outcome([blank | record for record in found])


async def _records(inquiry: Inquiry, client: ExchangeClient, symbol: str | None) -> list[Record]:
    if symbol is not None and inquiry.one is not None:
        return await inquiry.one(client, symbol)
    if inquiry.every is None:
        raise BadInput("symbols", symbol, "name at least one")
    return await inquiry.every(client)
