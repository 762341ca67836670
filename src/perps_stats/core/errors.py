"""What can go wrong, and what the user can do about it.

* PerpsError                 exit  says
  x BadInput                  2    the field, the value, the remedy
  x ConfigError               3    the setting and where it came from
  x ExchangeError             4    the other side of the wire
    x Refused                      it said no: its code and message
    x Unreadable                   it answered something we cannot decode: path and excerpt
    x Unreachable                  it did not answer
    x RateLimited                  it told us to wait, until when
    x NotOffered                   it has no such data
    x UnknownMarket           2    it lists no such market: near names
  x DatabaseError             5    the database is away, refuses, or is newer than the program
  x Unwritable                1    the file, and why it cannot be written
"""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches


class PerpsError(Exception):
    """A failure that has a one-line explanation. ``exit_code`` is documented in the README."""

    exit_code = 1


class BadInput(PerpsError):
    """A value the user gave that we cannot take: names the field, the value and the remedy."""

    exit_code = 2

    def __init__(self, field: str, value: object, remedy: str) -> None:
        super().__init__(f"{field}: {value!r} is not accepted; {remedy}")
        self.field = field
        self.value = value
        self.remedy = remedy


class ConfigError(PerpsError):
    exit_code = 3


class ExchangeError(PerpsError):
    """Any failure on the exchange's side of the wire. ``exchange`` is stamped by the client."""

    exit_code = 4
    exchange = ""

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.exchange}: {text}" if self.exchange else text


class Refused(ExchangeError):
    """The exchange answered, and said no. Never retried, unless it was only ``too_fast``."""

    def __init__(self, code: str, message: str, *, too_fast: bool = False) -> None:
        super().__init__(f"refused: {message} (code {code})")
        self.code = code
        self.too_fast = too_fast


class Unreadable(ExchangeError):
    """The exchange answered something we cannot decode. ``excerpt`` is at most 120 characters."""

    def __init__(self, reason: str, payload: bytes | str = b"") -> None:
        text = payload if isinstance(payload, str) else payload[:240].decode("utf-8", "replace")
        self.excerpt = text[:120]
        begins = f"; it begins {self.excerpt!r}" if text else ""
        super().__init__(f"unreadable answer: {reason}{begins}")


class Unreachable(ExchangeError):
    pass


class RateLimited(ExchangeError):
    """``until`` is when the exchange will listen again."""

    def __init__(self, until: datetime, *, banned: bool = False) -> None:
        what = "has banned this address" if banned else "asks to slow down"
        super().__init__(f"{what}; nothing is sent before {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until = until
        self.banned = banned


class NotOffered(ExchangeError):
    def __init__(self, what: str) -> None:
        super().__init__(f"does not offer {what}")


class UnknownMarket(ExchangeError):
    """No such market, or more than one (``candidates`` are then canonical names)."""

    exit_code = 2

    def __init__(self, symbol: str, known: Sequence[str] = (), *, ambiguous: bool = False) -> None:
        near = list(known) if ambiguous else near_names(symbol, known)
        problem = "names more than one market" if ambiguous else "is not a market it lists"
        hint = f"; did you mean {', '.join(near)}?" if near else "; see `perps-stats symbols`"
        super().__init__(f"{symbol!r} {problem}{hint}")
        self.symbol = symbol
        self.ambiguous = ambiguous
        self.candidates = tuple(near)


class DatabaseError(PerpsError):
    exit_code = 5


class Unwritable(PerpsError):
    """A file that the user named."""


def near_names(name: str, known: Sequence[str]) -> list[str]:
    """At most three of ``known`` that look like ``name``."""
    upper = {candidate.upper(): candidate for candidate in known}
    return [upper[match] for match in get_close_matches(name.upper(), list(upper), n=3)]
