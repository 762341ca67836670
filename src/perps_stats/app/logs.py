"""Logs go to stderr, one event a line: stdout carries data only."""

import logging
import re
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, MutableMapping

import stamina.instrumentation
import structlog
from msgspec import Struct

from perps_stats.settings import LogSettings

MOST = 10
"""Lines of the same event about the same thing within ``WINDOW_SECONDS``."""
WINDOW_SECONDS = 60.0
ABOUT = (
    "exchange", "symbol", "stream", "channels", "market", "venue", "data_set", "series",
    "path", "part", "url",
)  # fmt: skip
"""What an event is bound to: with its name these make it the same event."""
MOST_KEYS = 10_000
SECRET = re.compile(r"(?i)password|passwd|secret|token|authorization|api_?key|signature")
IN_TEXT = (
    re.compile(r"(://[^:@/\s\"]*:)[^\s\"]*(?=@)"),
    re.compile(r"(?i)(\bpassword=)[^&\s\"]*"),
    re.compile(r"\b(ps_[0-9a-z]+_)\w+"),
)
MASK = "***"
Render = Callable[[object, str, MutableMapping[str, object]], str]


def configure_logs(settings: LogSettings) -> None:
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            Repeats(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            Hidden(_renderer(settings)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: Stderr(),
    )
    stamina.instrumentation.set_on_retry_hooks(())


def _renderer(settings: LogSettings) -> Render:
    """``auto``: lines for people on a terminal, JSON for whoever else reads."""
    on_terminal = sys.stderr.isatty()
    as_json = settings.format == "json" or (settings.format == "auto" and not on_terminal)
    json = structlog.processors.JSONRenderer()
    lines = structlog.dev.ConsoleRenderer(
        colors=on_terminal, exception_formatter=structlog.dev.plain_traceback
    )

    def render(logger: object, name: str, event: MutableMapping[str, object]) -> str:
        return str(json(logger, name, event) if as_json else lines(logger, name, event))

    return render


class Stderr:
    """Whatever stderr is when something is said: a live table stands in for it."""

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


class _Seen(Struct):
    since: float
    here: int = 0
    in_all: int = 0


class Repeats:
    """At most ``MOST`` lines a minute of the same event about the same thing. The last of them says
    for how long it is the last; it, and the first one after that, how often it came ``so_far``.

    What is said for finding faults (debug) is not held back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: OrderedDict[tuple[str, ...], _Seen] = OrderedDict()

    def __call__(
        self, _logger: object, _name: str, event: MutableMapping[str, object]
    ) -> MutableMapping[str, object]:
        if event.get("level") == "debug":
            return event
        now = self._now()
        seen = self._of(event, now)
        was_muted = False
        if now - seen.since >= WINDOW_SECONDS:
            was_muted = seen.here > MOST
            seen.since, seen.here = now, 0
        seen.here += 1
        seen.in_all += 1
        if seen.here > MOST:
            raise structlog.DropEvent
        if seen.here == MOST:
            event["muted_seconds"] = round(seen.since + WINDOW_SECONDS - now)
        if seen.here == MOST or was_muted:
            event.setdefault("so_far", seen.in_all)
        return event

    def _of(self, event: Mapping[str, object], now: float) -> _Seen:
        key = (str(event.get("event")), *(str(event.get(name, "")) for name in ABOUT))
        seen = self._seen.setdefault(key, _Seen(now))
        self._seen.move_to_end(key)
        if len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)
        return seen


class Hidden:
    """What ``render`` makes of an event, without its secrets: passwords of addresses, keys to the
    API, and whatever goes by the name of one.
    """

    def __init__(self, render: Render) -> None:
        self._render = render

    def __call__(self, logger: object, name: str, event: MutableMapping[str, object]) -> str:
        for field in event:
            if SECRET.search(field):
                event[field] = MASK
        line = self._render(logger, name, event)
        for pattern in IN_TEXT:
            line = pattern.sub(rf"\1{MASK}", line)
        return line
