"""Vitals as an observer might tell them, all figures known."""

from datetime import UTC, datetime

from msgspec.structs import replace

from perps_stats.core.distributions import Buckets
from perps_stats.ingest.vitals import (
    ChannelVitals,
    ExchangeVitals,
    PollVitals,
    SpoolVitals,
    Vitals,
    WeightVitals,
    WriterVitals,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
LAGS = Buckets((0.0, 0.5))
for lag in (-0.25, 0.25, 2.0):
    LAGS.add(lag)
NOTHING = Buckets((1.0,))
BOOK = ChannelVitals(
    channel="orderbook",
    messages=70,
    last_message=datetime(2026, 11, 27, 11, 59, 59, 500_000, tzinfo=UTC),
    lag_seconds=0.25,
    lags=LAGS.distribution(),
    open_gaps={"silence": 2},
)
KLINES = ChannelVitals(
    channel="klines",
    messages=0,
    last_message=None,
    lag_seconds=None,
    lags=NOTHING.distribution(),
    open_gaps={},
)
POLL = PollVitals(
    data_set="open_interest", asked=11, failed=2, rows=33, skipped=1, drift_seconds=0.125
)
EXCHANGE = ExchangeVitals(
    exchange="binance",
    begun=True,
    connections=1,
    wanted=2,
    connected=3,
    frames=75,
    unreadable=4,
    channels=(BOOK, KLINES),
    polls=(POLL,),
    books={"BTC": True, "ETH": False},
    resyncs=5,
    snapshots=6,
    weights=(WeightVitals(pool="", used=40, limit=2400),),
    waits=7,
    waited_seconds=1.5,
    slowed=8,
    bans=1,
    banned=True,
)
WAITING = replace(
    EXCHANGE,
    exchange="kucoin",
    begun=False,
    connections=0,
    wanted=0,
    channels=(),
    polls=(),
    books={},
    banned=False,
)
WRITER = WriterVitals(
    rows=100,
    new=80,
    contradicting=3,
    refused=2,
    waiting=9,
    write_seconds=NOTHING.distribution(),
    last_error=None,
    gaps_opened={("binance", "orderbook", "silence"): 4},
    gaps_closed={("binance", "orderbook", "silence"): 2},
    spool=SpoolVitals(
        bytes=0,
        limit_bytes=1 << 32,
        records=0,
        oldest_seconds=None,
        spooled=12,
        dropped=0,
        damaged=0,
    ),
)
VITALS = Vitals(time=NOW, exchanges=(EXCHANGE, WAITING), writer=WRITER)
