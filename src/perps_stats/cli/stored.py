"""What commands that ask the database have in common: which markets and which span, and asking."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TypeVar

import click

from perps_stats.api.names import Names
from perps_stats.app.logs import configure_logs
from perps_stats.app.storage import open_storage
from perps_stats.cli.options import SYMBOL_FORMS, Command, names_of
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.stored import Query
from perps_stats.core.times import parse_time
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import NAMES as EXCHANGES
from perps_stats.settings import Settings

AnswerT = TypeVar("AnswerT")
CHOOSING = (
    click.option("--to", "end", metavar="TIME", help="Until before when.  [default: now]"),
    click.option(
        "--from", "start", metavar="TIME", help="From when on: 2026-01-31, an epoch, -24h."
    ),
    click.option("--symbols", "--symbol", "-s", metavar="NAMES", help=f"Symbols: {SYMBOL_FORMS}."),
    click.option("--exchanges", "--exchange", "-e", metavar="NAMES", help="Exchanges, by commas."),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The markets by name, ``None``: all that are stored; and the span."""

    exchanges: str | None
    symbols: str | None
    start: datetime | None
    end: datetime | None

    async def query(self, repository: PostgresRepository) -> Query:
        """Raises ``BadInput`` for a name that nobody has."""
        stored, markets = await repository.get_exchanges(), await repository.get_markets()
        chosen = Names(EXCHANGES, stored, markets).choose(
            [] if self.exchanges is None else names_of(self.exchanges, "exchanges"),
            [] if self.symbols is None else names_of(self.symbols, "symbols"),
        )
        return Query(markets=chosen, start=self.start, end=self.end)


def choosing_options(command: Command) -> Command:
    """``--exchanges --symbols --from --to``: the command is given ``Chosen`` first."""

    @wraps(command)
    def choosing(
        exchanges: str | None,
        symbols: str | None,
        start: str | None,
        end: str | None,
        **own: object,
    ) -> int:
        now = datetime.now(UTC)
        first = None if start is None else parse_time(start, now=now, field="from")
        before = None if end is None else parse_time(end, now=now, field="to")
        if first is not None and (before or now) <= first:
            raise BadInput("from", start, f"it is to be before {end or 'now'}")
        return command(Chosen(exchanges, symbols, first, before), **own)

    chosen: Command = choosing
    for option in CHOOSING:
        chosen = option(chosen)
    return chosen


def names_among(text: str | None, field: str, known: Iterable[str]) -> list[str]:
    """Those of ``known`` that are asked for; none: all. Raises ``BadInput``."""
    names = [] if text is None else names_of(text, field)
    listed = list(known)
    for name in names:
        if name not in listed:
            raise BadInput(field, name, f"use {', '.join(near_names(name, listed) or listed)}")
    return names


async def simulated_of(repository: PostgresRepository, shown: Iterable[object]) -> list[str]:
    """Those of the exchanges shown whose data came from a simulator."""
    named = set(shown)
    stored = await repository.get_exchanges()
    return [each.name for each in stored if each.simulated and each.name in named]


def with_repository(
    settings: Settings, ask: Callable[[PostgresRepository], Awaitable[AnswerT]]
) -> AnswerT:
    configure_logs(settings.log)

    async def asked() -> AnswerT:
        async with open_storage(settings) as repository:
            return await ask(repository)

    return asyncio.run(asked())
