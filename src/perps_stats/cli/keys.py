"""``keys``: who may ask the service. A key is shown once, when it is made: its hash is kept."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click

from perps_stats.cli.options import (
    CONTEXT,
    Command,
    database_options,
    output_options,
    settings_with_database,
)
from perps_stats.cli.output import Output, Printed, Record, Screen, plain_value, show
from perps_stats.cli.stored import names_among, with_repository
from perps_stats.core.errors import BadInput, near_names
from perps_stats.core.keys import Key, KeyScope, new_key
from perps_stats.core.times import parse_duration, parse_time
from perps_stats.database.keys import delete_key, keep_key, revoke_key, stored_keys
from perps_stats.database.link import Link

T = TypeVar("T")
FIELDS = ("id", "name", "scopes", "state", "created_at", "expires_at", "revoked_at")
NEVER = "never"
LONGEST_NAME = 100
OF_KEY = click.argument("number", metavar="ID")


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Keys to the API.

    Once there is one, or where other machines can connect, requests need one, as
    `Authorization: Bearer KEY` or `X-API-Key: KEY`. A running service notices within seconds.
    """


def _where(command: Command) -> Command:
    """Which database, and how to print."""
    return database_options(output_options(command))


@command.command(context_settings=CONTEXT)
@click.option("--name", metavar="TEXT", help="Whose it is, or what for.")
@click.option(
    "--expires",
    default="90d",
    show_default=True,
    metavar="TIME",
    help="After so long, such as 90d; at a time, such as 2027-01-31; or never.",
)
@click.option(
    "--scope",
    "--scopes",
    default="read",
    show_default=True,
    metavar="NAMES",
    help=f"What it opens: {', '.join(KeyScope)}.",
)
@_where
def create(
    *,
    scope: str,
    expires: str,
    name: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
    **database: str | None,
) -> int:
    """Make a key, and print it: it is not shown again."""
    where, now = Output(as_json, as_csv, output), datetime.now(UTC)
    if name is not None and not (name.isprintable() and 0 < len(name) <= LONGEST_NAME):
        raise BadInput("name", name, f"use a text of at most {LONGEST_NAME} characters")
    scopes, end = names_among(scope, "scope", KeyScope), _end(expires, now)
    text, key = new_key(scopes, name=name, created_at=now, expires_at=end)
    _asked(database, lambda link: keep_key(link, key, now))
    _tell(text, key, where)
    return 0


@command.command("list", context_settings=CONTEXT)
@_where
def list_keys(*, as_json: bool, as_csv: bool, output: str | None, **database: str | None) -> int:
    """Every key: what it opens, until when, and whether it does still."""
    where = Output(as_json, as_csv, output)
    keys = _asked(database, stored_keys)
    records = [_record(key) for key in keys]
    show(Printed(records=records, fields=FIELDS, screen=Screen(FIELDS)), where)
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--keep", metavar="SPAN", help="The old one is valid for so long still, such as 1h.")
@click.option("--expires", metavar="TIME", help="See create.  [default: the old one's span]")
@OF_KEY
@_where
def rotate(
    *,
    number: str,
    keep: str | None,
    expires: str | None,
    as_json: bool,
    as_csv: bool,
    output: str | None,
    **database: str | None,
) -> int:
    """Make a key that opens what the key ID does, and revoke that one. The new one is printed."""
    where, now = Output(as_json, as_csv, output), datetime.now(UTC)
    until = now if keep is None else now + parse_duration(keep, field="keep")

    async def replaced(link: Link) -> tuple[str, Key]:
        old = _of(number, await stored_keys(link))
        if flaw := old.flaw(now):
            raise BadInput("id", number, f"it {flaw}: make another with `keys create`")
        end = _end(expires, now) if expires else _same_span(old, now)
        text, key = new_key(old.scopes, name=old.name, created_at=now, expires_at=end)
        await keep_key(link, key, until, instead_of=number)
        return text, key

    text, key = _asked(database, replaced)
    _tell(text, key, where)
    return 0


@command.command(context_settings=CONTEXT)
@OF_KEY
@database_options
def revoke(*, number: str, **database: str | None) -> int:
    """The key ID opens nothing any more. It stays listed, and requests still need a key."""
    _asked(database, lambda link: _changed(link, number, revoke_key(link, number, _now())))
    sys.stdout.write(f"revoked {number}\n")
    return 0


@command.command(context_settings=CONTEXT)
@click.option("--yes", is_flag=True, help="Do it.")
@OF_KEY
@database_options
def delete(*, number: str, yes: bool, **database: str | None) -> int:
    """Forget the key ID. Without any key left, this machine needs none again."""
    if not yes:
        raise BadInput("yes", "", f"key {number} will be forgotten: say --yes")
    _asked(database, lambda link: _changed(link, number, delete_key(link, number)))
    sys.stdout.write(f"deleted {number}\n")
    return 0


async def _changed(link: Link, number: str, change: Awaitable[bool]) -> None:
    """Raises ``BadInput`` where there is no such key."""
    if not await change:
        _of(number, await stored_keys(link))


def _of(number: str, keys: Sequence[Key]) -> Key:
    for key in keys:
        if key.id == number:
            return key
    near = near_names(number, [key.id for key in keys])
    hint = f"did you mean {', '.join(near)}?" if near else "see `perps-stats keys list`"
    raise BadInput("id", number, hint)


def _asked(database: dict[str, str | None], ask: Callable[[Link], Awaitable[T]]) -> T:
    settings = settings_with_database({}, database["database_url"], database["database_dir"])
    return with_repository(settings, lambda repository: ask(repository.link))


def _end(expires: str, now: datetime) -> datetime | None:
    if expires == NEVER:
        return None
    try:
        return now + parse_duration(expires)
    except BadInput:
        end = parse_time(expires, now=now, field="expires")
    except OverflowError:
        raise BadInput("expires", expires, f"use {NEVER}") from None
    if end <= now:
        raise BadInput("expires", expires, "it is to be in the future")
    return end


def _same_span(old: Key, now: datetime) -> datetime | None:
    if old.expires_at is None or old.created_at is None:
        return None
    return now + (old.expires_at - old.created_at)


def _tell(text: str, key: Key, where: Output) -> None:
    """For a script the key alone stands on stdout."""
    if where.format is not None:
        fields = ("key", *FIELDS)
        record: Record = {"key": text, **_record(key)}
        show(Printed(records=[record], fields=fields, screen=Screen(fields)), where)
        return
    sys.stdout.write(f"{text}\n")
    end = "never expires" if key.expires_at is None else f"expires {plain_value(key.expires_at)}"
    scopes = ",".join(key.scopes)
    sys.stderr.write(f"perps-stats: key {key.id} ({scopes}) {end}; it is shown this once\n")


def _record(key: Key) -> Record:
    flaw = key.flaw(_now())
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "state": "valid" if flaw is None else flaw.split()[-1],
        **{name: plain_value(getattr(key, name)) for name in FIELDS[4:]},
    }


def _now() -> datetime:
    return datetime.now(UTC)
