"""One question to several exchanges about several symbols: what fails is a row with its reason."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from perps_stats.app.clients import Asked, open_exchanges
from perps_stats.app.logs import configure_logs
from perps_stats.cli.output import Printed, Record, show
from perps_stats.core.errors import PerpsError
from perps_stats.feed.client import ExchangeClient
from perps_stats.settings import Settings

PARTIAL = 6
Question = Callable[[ExchangeClient, str], Awaitable[list[Record]]]


class Outcome(Struct, frozen=True):
    records: list[Record]
    error: PerpsError | None


def ask(
    settings: Settings,
    exchanges: Sequence[str] | None,
    symbols: Sequence[str],
    question: Question,
) -> tuple[list[Outcome], list[str]]:
    """The outcomes in the order asked, and the exchanges that are simulated."""
    configure_logs(settings.log)
    return asyncio.run(_ask(settings, exchanges, symbols, question))


async def _ask(
    settings: Settings,
    exchanges: Sequence[str] | None,
    symbols: Sequence[str],
    question: Question,
) -> tuple[list[Outcome], list[str]]:
    async with open_exchanges(settings, exchanges) as asked:
        outcomes = await asyncio.gather(
            *(_one(each, symbol, question) for each in asked.values() for symbol in symbols)
        )
        simulated = [name for name, each in asked.items() if each.sender.simulated]
    return outcomes, simulated


async def _one(asked: Asked, symbol: str, question: Question) -> Outcome:
    try:
        return Outcome(await question(asked.client, symbol), None)
    except PerpsError as error:
        row: Record = {"exchange": asked.exchange.name, "symbol": symbol, "error": str(error)}
        return Outcome([row], error)


def answer(
    outcomes: Sequence[Outcome],
    simulated: Sequence[str],
    columns: Sequence[str],
    units: dict[str, str],
    *,
    as_json: bool,
    as_csv: bool,
    output: str | None,
) -> int:
    """Print, and say by the exit code whether all, some or none answered. Raises the first failure
    where none did.
    """
    failures = [outcome.error for outcome in outcomes if outcome.error is not None]
    if failures and len(failures) == len(outcomes):
        raise failures[0]
    records = [record for outcome in outcomes for record in outcome.records]
    shown = [*columns, "error"] if failures else list(columns)
    printed = Printed(records=records, columns=shown, units=units, simulated=simulated)
    show(printed, as_json=as_json, as_csv=as_csv, output=output)
    return PARTIAL if failures else 0
