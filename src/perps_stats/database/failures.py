"""What the database can answer instead of rows, as one line that says what to do."""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from perps_stats.core.errors import ConfigError, DatabaseError

OWN_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver alone raises."""
DRIVER_ERRORS = (*OWN_ERRORS, OSError)
AGAIN = "see that it runs, then run the same again"
CANCELLED = "57014"
CHANGED = "its tables were changed from outside: restore them, or name an empty database"
ADVICE = {
    "08": AGAIN,
    "57P": AGAIN,
    "53100": "make room on the disk of the server, then run the same again",
    "53300": "close other programs' connections, or raise its max_connections",
    "28": "check user and password of the database url",
    "3D000": "create it with `createdb`, or correct the database url",
    "42501": "grant the role what is missing, for the tables: usage and create on schema public",
    "42P01": CHANGED,
    "42703": CHANGED,
    "42883": CHANGED,
    "25006": "it is read-only (a replica?): point the database url at the primary",
    CANCELLED: "the statement took too long: narrow the span or the markets",
    "0A000": "PostgreSQL 15 or newer is needed",
}
PASSING = ("08", "25006", "40", "53", "55P03", "57P", "58030")
"""Lost connection, read-only, deadlock, no room, lock not granted, shutting down, I/O error."""
REFUSING = ("22", "23", "44", "54", "P0")
"""A value, a constraint, a view's check, a limit of size, a trigger of the user's."""


class DatabaseAway(DatabaseError):
    """It cannot be reached or has no room now: the same call may succeed later."""


class TooSlow(DatabaseError):
    """It answers, and would have taken longer over this than a statement may."""


class RowRefused(DatabaseError):
    """It is there, and takes others, but not what was sent: that is at fault."""


def target_name(url: str) -> str:
    """The address without its password and options."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        user = f"{parts.username}@" if parts.username else ""
    except ValueError:
        return "the database url"
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


@contextmanager
def failures(target: str) -> Generator[None]:
    """Turn what the driver raises into ``DatabaseAway``, ``DatabaseError`` or ``ConfigError``."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise told(error, target) from error


def is_lost(error: Exception) -> bool:
    """Whether the connection is of no more use."""
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate.startswith(("08", "57P"))
    return not isinstance(error, asyncpg.exceptions.DataError)


def told(error: Exception, target: str) -> DatabaseError | ConfigError:
    before = error.__context__
    if isinstance(error, asyncpg.InterfaceError) and isinstance(before, DRIVER_ERRORS):
        return told(before, target)  # it only says that after that the connection is of no use
    if isinstance(error, asyncpg.PostgresError):
        return _refusal(error, target)
    if isinstance(error, asyncpg.exceptions.ClientConfigurationError):
        return ConfigError("database url: not understood; use postgresql://user@host:5432/name")
    if isinstance(error, asyncpg.exceptions.DataError):
        return RowRefused(f"{target}: a value does not fit its column: {_line(error)}")
    if isinstance(error, asyncpg.InternalClientError):
        return DatabaseAway(f"{target}: the connection was lost; {AGAIN}")
    reason = _line(error) or "no answer in time"
    return DatabaseAway(f"{target}: cannot be reached ({reason}); is it running?")


def _refusal(error: asyncpg.PostgresError, target: str) -> DatabaseError:
    code = error.sqlstate
    kind = _kind(code)
    advice = next((text for start, text in ADVICE.items() if code.startswith(start)), "")
    where = (error.context or "").partition("\n")[0]
    parts = (_line(error), where, advice)
    return kind(f"{target}: " + "; ".join(part for part in parts if part))


def _kind(code: str) -> type[DatabaseError]:
    if code == CANCELLED:
        return TooSlow
    if code.startswith(PASSING):
        return DatabaseAway
    return RowRefused if code.startswith(REFUSING) else DatabaseError


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
