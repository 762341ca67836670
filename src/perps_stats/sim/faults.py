"""Trouble on request: what goes wrong, where, and when.

A fault is written ``KIND[:WHERE]:WHEN[:SECONDS]``. WHEN is a count from 1, ``@12.5s`` after the
start, or ``*`` for every time; with a count or a time it happens once.

**Of a stream.** WHERE is ``STREAM@SYMBOL``, ``STREAM`` or ``@SYMBOL``. STREAM is a channel's name
(``orderbook``, ``trades``, ``best``, ``day``, ``mark``, ``funding``, ``klines``, ``liquidations``)
or ``any``; SYMBOL the exchange's own, or a coin for all of its markets.

What the exchange tells wrongly, to all who listen; counted are frames of WHERE, of order books
where no STREAM is named:

* ``drop:N``               the N-th frame is never told
* ``duplicate:N``          it is told twice
* ``reorder:N``            it is told after the next one of its topic
* ``delay:N:SECONDS``      it is told so much later, while others go on
* ``jump:N``               after it the book's numbers leap ahead, though nothing is missing
* ``rewind:N``             after it they leap back
* ``cross:N``              after it a bid above the best ask is told that is not there, and never
                           taken back; a snapshot by REST, or a new one in the stream, is right
* ``storm:N:SECONDS``      from it on the first frame of the topic is told again with every step
* ``oldbook:N``            the N-th who subscribes again is shown the book of the first time

What befalls a connection, the first that gets so far; counted are its frames of WHERE, of all
where nothing is named:

* ``disconnect:N``         after N frames it is closed without a word
* ``rst:N``                after N frames it is reset
* ``halfopen:N``           after N frames nothing is written or read any more, and it stays, for
                           two minutes
* ``silence:N:SECONDS``    after N frames it gets no frame for SECONDS; pings are answered
* ``badjson:N``            of the N-th frame only the first half is sent
* ``truncate:N``           the N-th frame breaks off in the middle, and the connection ends
* ``oversized:N``          the N-th frame is 100 MB long

What befalls the whole exchange, at a time alone:

* ``restart:@Ts:SECONDS``  all connections are closed with 1012, SECONDS after a notice if the
                           exchange gives one
* ``skew:@Ts:SECONDS``     its clock goes wrong by SECONDS, which may be negative: set back while it
                           trades, nothing happens until it has caught up

**Of a REST request.** WHERE is a PATH, whole or its end (``html:depth:2``,
``429:/fapi/v1/klines:1``); counted are requests of that path, of all where none is named. ``ws`` is
the handshake of a stream, which no other path counts: 429, 418, 403, 503, http500, slow, hang and
reset are for it.

* ``429:N``, ``418:N``     it is refused; Retry-After is 5, 120 or SECONDS
* ``403:N``, ``503:N``     a web page of the exchange's wall refuses it; Retry-After is SECONDS
* ``html:N``               it is answered with a web page
* ``truncated:N``          with the first half of the body
* ``wrongtype:N``          with true for every number of the answer, or of its first row
* ``negativeprice:N``      with a minus before every price
* ``crossed:N``            with bids and asks exchanged
* ``empty:N``              with no rows, in the exchange's own envelope
* ``shuffled:N``           with its rows in a wrong order
* ``doubled:N``            with its middle row twice
* ``wrongrow:N``           with true for every number of its middle row
* ``cutoff:N``             without the last third of its rows
* ``huge:N``               with 100 MB
* ``http500:N``            with HTTP 500
* ``slow:N:SECONDS``       so much later, with what was true when it was asked
* ``stale:N``              as it was the first time; counted are order books asked for again
* ``hang:N``               never
* ``reset:N``              the TCP connection is reset instead of an answer

**By chance.** ``random[:PATH]:SEED:PERCENT``: each REST request has that chance of a fault out of
``CHANCES``, by the seed and its number alone. A refusal by chance lasts a second.
``chaos:SEED:PER_MINUTE``: so many faults a minute out of ``CHAOS``, by the seed and the exchange's
name alone.
"""

import re
from enum import StrEnum

from msgspec import Struct

from perps_stats.core.errors import BadInput

HUGE_BYTES = 100_000_000
HANDSHAKE = "ws"
ANY, BOOKS = "any", "orderbook"
STREAMS = frozenset(
    {
        *(ANY, BOOKS, "trades", "best", "day", "mark"),
        *("funding", "klines", "liquidations"),
    }
)
GRAMMAR = (
    "write KIND[:WHERE]:WHEN[:SECONDS], where WHEN is a count, @12.5s or *: of a stream "
    "drop:trades@BTC:3, duplicate, reorder, delay:9:2, jump, rewind, cross, storm:9:2, oldbook, "
    "disconnect:@30s, rst, halfopen, silence:500:15, badjson, truncate, oversized; of an exchange "
    "restart:@30s:2, skew:@0s:-1.5; of a REST request 429:depth:2:30, 418, 403, 503, html, "
    "truncated, wrongtype, negativeprice, crossed, empty, shuffled, doubled, wrongrow, cutoff, "
    "huge, http500, slow:*:0.5, stale, hang, reset; by chance random[:PATH]:SEED:PERCENT, "
    "chaos:SEED:PER_MINUTE"
)


class Kind(StrEnum):
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    JUMP = "jump"
    REWIND = "rewind"
    CROSS = "cross"
    STORM = "storm"
    OLD_BOOK = "oldbook"
    DISCONNECT = "disconnect"
    RST = "rst"
    HALF_OPEN = "halfopen"
    SILENCE = "silence"
    BAD_JSON = "badjson"
    TRUNCATE = "truncate"
    OVERSIZED = "oversized"
    RESTART = "restart"
    SKEW = "skew"
    CHAOS = "chaos"
    SLOW_DOWN = "429"
    BANNED = "418"
    FORBIDDEN = "403"
    UNAVAILABLE = "503"
    HTML = "html"
    TRUNCATED = "truncated"
    WRONG_TYPE = "wrongtype"
    NEGATIVE_PRICE = "negativeprice"
    CROSSED = "crossed"
    EMPTY = "empty"
    SHUFFLED = "shuffled"
    DOUBLED = "doubled"
    WRONG_ROW = "wrongrow"
    CUT_OFF = "cutoff"
    HUGE = "huge"
    HTTP_500 = "http500"
    SLOW = "slow"
    STALE = "stale"
    HANG = "hang"
    RESET = "reset"
    RANDOM = "random"


TOLD_KINDS = frozenset(
    {
        *(Kind.DROP, Kind.DUPLICATE, Kind.REORDER, Kind.DELAY),
        *(Kind.JUMP, Kind.REWIND, Kind.CROSS, Kind.STORM),
    }
)
CONNECTION_KINDS = frozenset(
    {
        *(Kind.DISCONNECT, Kind.RST, Kind.HALF_OPEN, Kind.SILENCE),
        *(Kind.BAD_JSON, Kind.TRUNCATE, Kind.OVERSIZED),
    }
)
EXCHANGE_KINDS = frozenset({Kind.RESTART, Kind.SKEW})
STREAM_KINDS = TOLD_KINDS | CONNECTION_KINDS | {Kind.OLD_BOOK}
REST_KINDS = frozenset(Kind) - STREAM_KINDS - EXCHANGE_KINDS - {Kind.CHAOS}
OF_A_MODEL = (TOLD_KINDS - {Kind.DROP}) | {Kind.OLD_BOOK, Kind.SKEW, Kind.CHAOS}
"""What a tape cannot play."""
BY_CHANCE = frozenset({Kind.RANDOM, Kind.CHAOS})
NEED_SECONDS = frozenset({Kind.DELAY, Kind.STORM, Kind.SILENCE, Kind.SKEW, Kind.SLOW}) | BY_CHANCE
MAY_HAVE_SECONDS = NEED_SECONDS | {
    *(Kind.RESTART, Kind.SLOW_DOWN, Kind.BANNED, Kind.FORBIDDEN, Kind.UNAVAILABLE)
}
DEFAULT_SECONDS = {Kind.SLOW_DOWN: 5.0, Kind.BANNED: 120.0, Kind.RESTART: 1.0}
_AT = r"@\d{1,6}(?:\.\d{1,3})?s"
_WHERE = rf"(?!{_AT})/?(?:[A-Za-z][\w./-]*)?(?:@[\w./-]+)?"
_KIND, _SECONDS = "([a-z0-9]+)", r"(-?\d{1,6}(?:\.\d{1,3})?)"
_FORM = re.compile(rf"{_KIND}(?::({_WHERE}))?:([1-9]\d{{0,8}}|{_AT}|\*)(?::{_SECONDS})?")
_NOW = re.compile(rf"{_KIND}(?::({_WHERE}))?")


class Fault(Struct, frozen=True):
    """``number`` counts from 1, 0 is every time; ``at`` is seconds after the start instead.

    ``where`` is a path or a stream, empty for any. ``seconds`` is 0 where the kind has no time. Of
    one by chance ``number`` is the seed, and ``seconds`` the percentage or the faults a minute.
    """

    kind: Kind
    number: int
    where: str = ""
    seconds: float = 0.0
    symbol: str = ""
    at: float | None = None

    def concerns(self, path: str) -> bool:
        if HANDSHAKE in {path, self.where}:
            return path == self.where
        whole = not self.where or path == self.where
        return whole or path.endswith("/" + self.where.lstrip("/"))


def parse_fault(text: str) -> Fault:
    """Raises ``BadInput`` that shows the grammar."""
    match = _FORM.fullmatch(text)
    if not match or match[1] not in set(Kind):
        raise BadInput("fault", text, GRAMMAR)
    when = match[3]
    at = float(when[1:-1]) if when.startswith("@") else None
    number = 0 if when == "*" else 1 if at is not None else int(when)
    return _checked(text, match[1], match[2], match[4], number=number, at=at)


def fault_now(what: str, symbol: str, seconds: float | None) -> Fault:
    """``KIND[:WHERE]`` that happens the next time it can. Raises ``BadInput``."""
    match = _NOW.fullmatch(f"{what}@{symbol}" if ":" in what and symbol else what)
    if not match or match[1] not in set(Kind) - BY_CHANCE:
        raise BadInput("fault", what, GRAMMAR)
    where = match[2] or (f"@{symbol}" if symbol else None)
    at = 0.0 if match[1] in EXCHANGE_KINDS else None
    lasting = None if seconds is None else str(seconds)
    return _checked(what, match[1], where, lasting, number=1, at=at)


def _checked(
    text: str, word: str, where: str | None, lasting: str | None, *, number: int, at: float | None
) -> Fault:
    kind = Kind(word)
    seconds = float(lasting) if lasting else DEFAULT_SECONDS.get(kind, 0.0)
    stream, _, symbol = (where or "").partition("@")
    wrong = (
        where == "",
        stream and kind in STREAM_KINDS and stream not in STREAMS,
        where is not None and kind in EXCHANGE_KINDS | {Kind.CHAOS},
        symbol and kind not in STREAM_KINDS,
        kind in EXCHANGE_KINDS and at is None,
        kind in BY_CHANCE and (at is not None or number == 0),
        lasting is not None and kind not in MAY_HAVE_SECONDS,
        kind in NEED_SECONDS and not seconds,
        seconds < 0 and kind is not Kind.SKEW,
        kind is Kind.RANDOM and seconds > 100,  # noqa: PLR2004
    )
    if any(wrong):
        raise BadInput("fault", text, GRAMMAR)
    return Fault(kind, number, stream, seconds, symbol, at)
