"""One question to several exchanges about several symbols: what fails is a row with its reason."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, TypeVar

from msgspec.structs import replace

from perps_stats.cli.options import Asking, names_of, settings_with
from perps_stats.cli.output import Output, Printed, Record, Screen, show
from perps_stats.core.errors import BadInput, ExchangeError, PerpsError
from perps_stats.core.symbols import split_full
from perps_stats.feed.client import ExchangeClient
from perps_stats.settings import Settings

T = TypeVar("T")
PARTIAL = 6
ASKING_ATTEMPTS = 2
"""Who waits for an answer hears soon that there is none."""
Ask: TypeAlias = Callable[[ExchangeClient, str], Awaitable[list[Record]]]
AskAll: TypeAlias = Callable[[ExchangeClient], Awaitable[list[Record]]]


class NoAnswer(ExchangeError):
    """It did not answer within the time that the user gives it."""


class Across(NamedTuple):
    """What several rows say together: lines for a reader, and the same for ``meta`` of JSON."""

    notes: Sequence[str] = ()
    meta: Mapping[str, Sequence[Record]] = {}


def alone(records: Sequence[Record]) -> Across:
    """Of a question whose rows have nothing to do with each other."""
    del records
    return Across()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """``one`` asks about a symbol, ``every`` about all that the exchange lists.

    ``across`` completes good records that depend on each other.
    """

    fields: Sequence[str]
    screen: Screen
    units: Mapping[str, str]
    one: Ask | None = None
    every: AskAll | None = None
    across: Callable[[Sequence[Record]], Across] = alone
    draw: Callable[[Printed], None] | None = None
    """Instead of the table."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Which exchanges, and of each which symbols; ``None``: all there are."""

    exchanges: list[str] | None
    symbols: list[str] | None

    @classmethod
    def of(cls, exchanges: str | None, symbols: str | None, usual: str | None = None) -> "Targets":
        """``binance:BTC`` asks that exchange only; without a word about exchanges, the ``usual``
        ones are asked. Raises ``BadInput``.
        """
        names = None if exchanges is None else names_of(exchanges, "exchanges")
        wanted = None if symbols is None else names_of(symbols, "symbols")
        owners = [split_full(symbol)[0] for symbol in wanted or []]
        if names is None and owners and all(owners):
            return cls([owner for owner in dict.fromkeys(owners) if owner], wanted)
        if names is None and usual is not None:
            names = names_of(usual, "ask.exchanges")
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


Answered: TypeAlias = Callable[[list[Outcome], list[str]], int]
"""Is given the outcomes in the order asked and the exchanges that are simulated; the exit code."""


def ask(inquiry: Inquiry, asking: Asking) -> int:
    """Print the answers. The exit code says whether all or only some could be had; raises the
    first failure where none could. With ``--watch`` again and again, whatever fails.
    """
    settings = _impatient(settings_with({"ask.timeout_seconds": asking.timeout}))
    usual = ",".join(settings.ask.exchanges) or None
    targets = Targets.of(asking.exchanges, asking.symbols, usual)
    shown = _Shown(inquiry, asking.output, watching=asking.watch is not None)
    return asyncio.run(_ask(settings, targets, inquiry, asking, shown))


def _impatient(settings: Settings) -> Settings:
    network = settings.network
    attempts = min(network.attempts, ASKING_ATTEMPTS)
    return replace(settings, network=replace(network, attempts=attempts))


class _Shown:
    """Shows one set of outcomes after the other."""

    def __init__(self, inquiry: Inquiry, output: Output, *, watching: bool) -> None:
        self._inquiry = inquiry
        self._output = output
        self._watching = watching
        self._times = 0

    def __call__(self, outcomes: list[Outcome], simulated: list[str]) -> int:
        failures = [outcome.error for outcome in outcomes if outcome.error is not None]
        if failures and len(failures) == len(outcomes) and not self._watching:
            raise _first(failures)
        records = [record for outcome in outcomes for record in outcome.records]
        across = self._inquiry.across([record for record in records if record["error"] is None])
        printed = Printed(
            records=records,
            fields=(*self._inquiry.fields, "error"),
            screen=self._inquiry.screen,
            units=self._inquiry.units,
            simulated=simulated,
            notes=across.notes,
            meta=across.meta,
            again=self._times if self._watching else None,
        )
        self._times += 1
        show(printed, self._output, self._inquiry.draw)
        return PARTIAL if failures else 0


def _first(failures: Sequence[PerpsError]) -> PerpsError:
    """The others, where they differ, are told before it."""
    lines = dict.fromkeys(" ".join(str(failure).split()) for failure in failures)
    for line in list(lines)[1:]:
        sys.stderr.write(f"perps-stats: {line}\n")
    return failures[0]


async def _ask(
    settings: Settings, targets: Targets, inquiry: Inquiry, asking: Asking, answered: Answered
) -> int:
    from perps_stats.app.clients import open_exchanges  # noqa: PLC0415 --help must not wait for it
    from perps_stats.app.logs import configure_logs  # noqa: PLC0415

    configure_logs(settings.log)
    seconds = settings.ask.timeout_seconds
    async with open_exchanges(settings, targets.exchanges) as asked:
        while True:
            found = await asyncio.gather(
                *(
                    _outcomes(inquiry, each.client, targets.symbols_of(name), seconds)
                    for name, each in asked.items()
                )
            )
            outcomes = [outcome for of_exchange in found for outcome in of_exchange]
            simulated = [name for name, each in asked.items() if each.sender.simulated]
            code = answered(outcomes, simulated)
            if asking.watch is None:
                return code
            await asyncio.sleep(asking.watch)


async def _outcomes(
    inquiry: Inquiry, client: ExchangeClient, symbols: Sequence[str | None], seconds: float
) -> list[Outcome]:
    """Of one exchange. If it does not even say which markets it lists, it is not asked further."""
    try:
        await _in_time(client, client.registry(), seconds)
    except PerpsError as error:
        return [_failed(inquiry, client, symbol, error) for symbol in symbols]
    return await asyncio.gather(*(_outcome(inquiry, client, symbol, seconds) for symbol in symbols))


async def _outcome(
    inquiry: Inquiry, client: ExchangeClient, symbol: str | None, seconds: float
) -> Outcome:
    try:
        found = await _in_time(client, _records(inquiry, client, symbol), seconds)
    except PerpsError as error:
        return _failed(inquiry, client, symbol, error)
    return Outcome([_blank(inquiry) | record for record in found])


def _failed(
    inquiry: Inquiry, client: ExchangeClient, symbol: str | None, error: PerpsError
) -> Outcome:
    told: Record = {"exchange": client.get_name(), "symbol": symbol, "error": str(error)}
    return Outcome([_blank(inquiry) | told], error)


def _blank(inquiry: Inquiry) -> Record:
    return dict.fromkeys((*inquiry.fields, "error"))


async def _in_time(client: ExchangeClient, answer: Awaitable[T], seconds: float) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        error = NoAnswer(f"no answer within {seconds:g} s; --timeout gives it longer")
        error.exchange = client.get_name()
        raise error from None


async def _records(inquiry: Inquiry, client: ExchangeClient, symbol: str | None) -> list[Record]:
    if symbol is not None and inquiry.one is not None:
        return await inquiry.one(client, symbol)
    if inquiry.every is None:
        raise BadInput("symbols", symbol, "name at least one")
    return await inquiry.every(client)
