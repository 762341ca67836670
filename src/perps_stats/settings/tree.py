"""Every setting: its section, its type, its default. A description says what a value must be."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Text = Annotated[str, Meta(min_length=1, description="a text")]
Names = Annotated[
    tuple[Annotated[str, Meta(min_length=1)], ...], Meta(description="names separated by commas")
]
Secrets = Annotated[
    tuple[Annotated[str, Meta(min_length=1)], ...], Meta(description="keys separated by commas")
]
Origins = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^https?://[^/\s*]+$")], ...],
    Meta(description="origins such as https://host, separated by commas"),
]
LISTS = (Names, Secrets, Origins)
SECRETS = frozenset({"api.keys"})
"""Settings that are shown nowhere."""
Directory = Annotated[Path, Meta(description="a directory")]
Port = Annotated[int, Meta(ge=0, le=65535, description="a port, 0 to 65535 (0: any free one)")]
Seconds = Annotated[float, Meta(gt=0, le=604_800, description="a number of seconds above 0")]
SecondsOrNever = Annotated[
    float, Meta(ge=0, le=604_800, description="a number of seconds, 0: never")
]
Minutes = Annotated[float, Meta(gt=0, le=10_080, description="a number of minutes above 0")]
Factor = Annotated[float, Meta(gt=0, le=1000, description="a number above 0, such as 0.5")]
Fee = Annotated[float, Meta(gt=-1, lt=1, description="a fraction of the amount, such as 0.0005")]
Days = Annotated[int, Meta(ge=1, le=36_500, description="a whole number of days, at least 1")]
Count = Annotated[int, Meta(ge=1, description="a whole number, at least 1")]
HttpUrl = Annotated[
    str, Meta(pattern=r"^https?://[^/\s]+", description="an address such as https://host")
]
WsUrl = Annotated[
    str, Meta(pattern=r"^wss?://[^/\s]+", description="an address such as wss://host")
]
DatabaseUrl = Annotated[
    str,
    Meta(
        pattern=r"^postgres(ql)?://", description="an address such as postgresql://user@host/name"
    ),
]
StatementSeconds = Annotated[
    float, Meta(gt=0, le=20, description="a number of seconds above 0, at most 20")
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    Meta(description="debug, info, warning or error"),
]
WhenFull = Annotated[Literal["pause", "drop_oldest"], Meta(description="pause or drop_oldest")]
LogFormat = Annotated[Literal["auto", "console", "json"], Meta(description="auto, console or json")]


class ExchangeSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another address for an exchange. ``None`` and absent: the exchange's own."""

    rest_url: HttpUrl | None = None
    ws_url: WsUrl | None = None
    ws_paths: dict[str, Text] = {}
    """By channel: the path that a channel is served on."""
    limit_factor: Factor = 1.0
    """How many times its usual limit of requests the exchange grants: below 1 where the address is
    shared, above for accounts of a higher tier.
    """
    taker_fee: Fee | None = None
    """What taking costs of the amount. Absent: what the exchange says of its markets, if it does.
    """


class DatabaseSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``url`` names any PostgreSQL; without it the program starts its own in ``dir``."""

    url: DatabaseUrl | None = None
    dir: Directory = field(default_factory=lambda: default_directory(os.environ))
    columnstore_after_days: Days = 7
    """In TimescaleDB rows that are so old are laid out by column, in a fraction of the room."""


class RetentionSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many days the rows of each data set are kept, and those of each hour: ``None`` for ever.

    Removed are whole days, of sparse data sets whole months, when all of them is older.
    """

    trades: Days | None = None
    tickers: Days | None = None
    orderbooks: Days | None = None
    funding_rates: Days | None = None
    open_interest: Days | None = None
    klines: Days | None = None
    liquidations: Days | None = None
    liquidity: Days | None = None
    liquidity_averages: Days | None = None
    slippage: Days | None = None
    hourly: Days | None = None


class ApiSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    host: Text = "127.0.0.1"
    port: Port = 8080
    insecure: Annotated[bool, Meta(description="true or false")] = False
    """Whether other machines may connect, though there are no keys."""
    keys: Secrets = ()
    """Keys that are valid for everything and for ever, beside those of the database."""
    cors_origins: Origins = ()
    """Whose pages may read answers, in a browser, and connect to the WebSocket."""
    trusted_proxies: Names = ("127.0.0.1", "::1")
    """Whose ``X-Forwarded-For`` tells the address that a quota is of."""
    key_requests: Count = 1200
    """A minute, of each key: as many at once, and as many again evenly within a minute."""
    address_requests: Count = 600
    """The same of each address that names no key, save this machine where none is needed."""
    connections: Count = 2000
    address_connections: Count = 200
    """Of each address that is not a trusted proxy."""
    head_seconds: Seconds = 10.0
    """How long the head of a request may take, from the accept or the answer before."""
    head_bytes: Count = 32 << 10
    answer_bytes: Count = 64 << 20
    tick_ms: Count = 100
    """Between two ticks of the stream: what is new within one is said at once."""
    stream_clients: Count = 1000
    """At a time, of the WebSocket."""
    stream_topics: Count = 5000
    """Of each of them."""
    stream_idle_seconds: Seconds = 60.0
    """How long nothing may be heard of one, not even the answer to a ping."""
    stream_slow_seconds: Seconds = 10.0
    """How long one may not take what it was sent."""
    statement_seconds: StatementSeconds = 15.0
    """How long the database may take over one question of an answer."""


class AskSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Questions of the command line to exchanges. No exchanges: all there are."""

    exchanges: Names = ()
    timeout_seconds: Seconds = 10.0
    """How long an exchange may take."""


class StreamSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is collected, and how often in exchange time.

    No exchanges: all there are. No data: order books, trades, tickers, funding. Symbols may be
    ``all``.
    """

    exchanges: Names = ()
    symbols: Names = ("BTC", "ETH")
    data: Names = ()
    sample_seconds: Seconds = 1.0
    """Between two samples of liquidity and slippage, which are averaged."""
    store_seconds: Seconds = 10.0
    """Between two stored ones, and the window of an average."""
    compare_seconds: SecondsOrNever = 300.0
    """Between two comparisons of a book with the exchange's own answer."""
    book_seconds: Seconds = 10.0
    """Between two stored books, of ``book_levels`` a side."""
    book_levels: Count = 50
    ticker_seconds: Seconds = 10.0
    funding_seconds: Seconds = 60.0
    poll_seconds: Seconds = 60.0
    """Between two rows of open interest, and two questions for what an exchange does not stream."""
    listings_minutes: Minutes = 10.0
    """How often exchanges are asked for markets that are new, and for those that have ended."""
    max_duration_seconds: Seconds | None = None
    """After which collecting ends by itself."""
    spool_dir: Directory | None = None
    """Where rows wait that the database does not take: a directory of this process alone. Not set:
    ``spool`` in ``database.dir``.
    """
    spool_max_bytes: Count = 4 << 30
    spool_when_full: WhenFull = "pause"
    """When the spool has no room, or cannot be written: stop reading, or drop what is oldest."""


class BackfillSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `run` fetches of the recent past, at its start and each hour: of what it streams."""

    enabled: Annotated[bool, Meta(description="true or false")] = True
    data: Names = ("klines", "funding")
    intervals: Names = ("1m",)
    days: Count = 1


class NetworkSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``patience_seconds``: how long a request waits for its turn in the exchange's rate limit."""

    connect_seconds: Seconds = 5.0
    read_seconds: Seconds = 20.0
    patience_seconds: Seconds = 30.0
    attempts: Count = 4
    max_body_bytes: Count = 32 << 20
    max_frame_bytes: Count = 16 << 20


class LogSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    level: LogLevel = "info"
    format: LogFormat = "auto"
    """``auto``: lines for people on a terminal, JSON elsewhere."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    exchanges: dict[str, ExchangeSettings] = {}
    """By the exchange's name. Whether there is such an exchange is for the composition root."""
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    retention: RetentionSettings = RetentionSettings()
    api: ApiSettings = ApiSettings()
    ask: AskSettings = AskSettings()
    stream: StreamSettings = StreamSettings()
    backfill: BackfillSettings = BackfillSettings()
    network: NetworkSettings = NetworkSettings()
    log: LogSettings = LogSettings()


def default_directory(environ: Mapping[str, str]) -> Path:
    """Where the program's own database lives: the system's place for root, else the user's."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/perps-stats")
    if home := environ.get("XDG_DATA_HOME"):
        return Path(home) / "perps-stats"
    return Path.home() / ".local" / "share" / "perps-stats"
