"""Each kind of bad input is one exact problem document; our own failures tell nothing of us."""

import pytest

from perps_stats.api import create_app
from perps_stats.api.live.requests import read_request
from perps_stats.core.errors import DatabaseError
from perps_stats.database.failures import TooSlow
from perps_stats.database.repository import PostgresRepository
from perps_stats.exchanges import EXCHANGES

from .conftest import Ask, Said, asking
from .rows import NOW

TIME = (
    "use 2026-01-31, 2026-01-31T12:00:00Z, epoch s, ms, us or ns, now, "
    "or a span back from now such as -24h"
)
INTERVALS = "use one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w"
DAMAGED = "it is damaged; use meta.next of the page before, unchanged"
BAD = [
    ("trades?exchange=binanse", "exchange", "binanse", "known exchanges: binance"),
    ("trades?exchange=zzz", "exchange", "zzz", "known exchanges: binance, kucoin"),
    ("trades?exchange=", "exchange", "", "name at least one, or leave the parameter out"),
    ("trades?symbol=BTC,", "symbol", "", "name at least one, or leave the parameter out"),
    ("trades?symbol=BTCUSDX", "symbol", "BTCUSDX", "did you mean BTCUSDT, BTCUSDC, BTC-USDT-PERP?"),
    ("trades?symbol=%00", "symbol", "\0", "see /api/v1/symbols"),
    ("tickers?symbol=binanse:BTC", "symbol", "binanse", "known exchanges: binance"),
    ("tickers?exchange=kucoin&symbol=binance:BTC", "symbol", "binance:BTC",
     "exchange restricts to kucoin"),
    ("tickers?exchange=kucoin&symbol=ETH", "symbol", "ETH", "see /api/v1/symbols"),
    ("klines?interval=7m", "interval", "7m", INTERVALS),
    ("trades?limit=0", "limit", "0", "use a whole number from 1 to 5000"),
    ("trades?limit=5001", "limit", "5001", "use a whole number from 1 to 5000"),
    ("trades?limit=1e3", "limit", "1e3", "use a whole number from 1 to 5000"),
    ("trades?limit=-1", "limit", "-1", "use a whole number from 1 to 5000"),
    ("trades?limit=5&limit=6", "limit", "6", "give it once"),
    ("trades?limit", "limit", "", "use a whole number from 1 to 5000"),
    ("orderbooks?depth=0", "depth", "0", "use a whole number from 1 to 1000"),
    ("orderbooks?limit=501", "limit", "501", "use a whole number from 1 to 500"),
    ("trades?offset=10001", "offset", "10001", "use a whole number from 0 to 10000"),
    ("trades?cursor=abc&offset=1", "offset", "1",
     "leave it out: the cursor knows its place"),
    ("trades?format=xml", "format", "xml", "use json or ndjson or csv or parquet or arrow"),
    ("trades?order=up", "order", "up", "use asc or desc"),
    ("trades?numbers=strings", "numbers", "strings", "use string"),
    ("slippage?side=long", "side", "long", "use buy or sell"),
    ("slippage?amount=-5", "amount", "-5", "use an amount in quote above 0, such as 100000"),
    ("slippage?amount=0.00", "amount", "0.00", "use an amount in quote above 0, such as 100000"),
    ("slippage?amount=NaN", "amount", "NaN", "use an amount in quote above 0, such as 100000"),
    ("funding-rates?kind=setled", "kind", "setled", "use settled"),
    ("gaps?open=yes", "open", "yes", "use true or false"),
    ("gaps?stream=trade", "stream", "trade", "use trades"),
    ("gaps?cause=", "cause", "",
     "use disconnect or sequence or silence or overflow or crash or exchange"),
    ("gaps?unrepaired=1", "unrepaired", "1", "use true or false"),
    ("coverage?data=kline", "data", "kline", "use klines"),
    ("coverage/streams?by=week", "by", "week", "use day or hour or stream"),
    ("coverage/streams?by=hour", "by", "hour", "say since when: it takes 1000 hours at most"),
    ("trades?start_time=yesterday", "start_time", "yesterday", TIME),
    ("trades?start=2026-02-30", "start", "2026-02-30", TIME),
    ("trades?start=-999999w", "start", "-999999w", TIME),
    ("trades?end=0001-01-01T00:00:00%2B14:00", "end", "0001-01-01T00:00:00+14:00", TIME),
    ("trades?start_time=-1h&start=-2h", "start", "-2h",
     "start_time is given twice, under two names"),
    ("trades?start=2026-03-02&end=2026-03-01", "end_time", "2026-03-01", "it is before start_time"),
    ("trades?cursor=abc", "cursor", "abc", DAMAGED),
    ("trades?cursor=%C3%A9", "cursor", "é", DAMAGED),
    ("trades?symbol=%FF", "query", "symbol=%FF", "percent-encode it as UTF-8"),
]  # fmt: skip
UNKNOWN = [
    ("trades?simbol=BTC", "simbol", "did you mean symbol?"),
    ("trades?strt=-1h", "strt", "did you mean start?"),
    ("tickers?limits=5", "limits", "did you mean limit?"),
    ("tickers?start=-1h", "start",
     "this takes exchange, symbol, limit, cursor, numbers, format"),
    ("health?verbose=1", "verbose", "this takes none"),
]  # fmt: skip


@pytest.mark.usefixtures("stored")
async def test_bad_parameters(ask: Ask) -> None:
    """What, where, what to do; the near name where there is one."""
    for path, field, value, remedy in BAD:
        reply = await ask(f"/api/v1/{path}")
        assert reply.body == {
            "type": "urn:perps-stats:problem:bad-parameter",
            "title": "Bad parameter",
            "status": 400,
            "detail": f"{field}: {value!r} is not accepted; {remedy}",
            "instance": f"/api/v1/{path.partition('?')[0]}",
            "field": field,
            "value": value,
            "remedy": remedy,
            "error": "Bad parameter",
            "message": f"{field}: {value!r} is not accepted; {remedy}",
        }, path
        assert (reply.status, reply.headers["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.usefixtures("stored")
async def test_unknown_parameters(ask: Ask) -> None:
    """Never ignored: a mistyped filter would answer another question."""
    for path, name, remedy in UNKNOWN:
        reply = await ask(f"/api/v1/{path}")
        assert (reply.status, reply.body) == (
            400,
            {
                "type": "urn:perps-stats:problem:unknown-parameter",
                "title": "Unknown parameter",
                "status": 400,
                "detail": f"parameter: {name!r} is not accepted; {remedy}",
                "instance": f"/api/v1/{path.partition('?')[0]}",
                "field": "parameter",
                "value": name,
                "remedy": remedy,
                "error": "Unknown parameter",
                "message": f"parameter: {name!r} is not accepted; {remedy}",
            },
        ), path


async def test_a_long_value_is_cut(ask: Ask) -> None:
    """An answer is not as long as the nonsense it refuses."""
    reply = await ask(f"/api/v1/trades?limit={'9' * 5000}")
    assert reply.body["value"] == "9" * 200 + "…"
    assert len(reply.text) < 1000


async def test_an_unknown_path(ask: Ask) -> None:
    """Near paths are named."""
    reply = await ask("/api/v1/ticker")
    assert (reply.status, reply.headers["Content-Type"]) == (404, "application/problem+json")
    assert reply.body == {
        "type": "urn:perps-stats:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "there is no such path; did you mean /api/v1/tickers, "
        "/api/v1/tickers/history, /api/v1/coverage?",
        "instance": "/api/v1/ticker",
        "error": "Not found",
        "message": reply.body["detail"],
    }


async def test_only_get(ask: Ask) -> None:
    """Nothing can be changed here."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        reply = await ask("/api/v1/trades", method=method)
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS"), method
        assert reply.body["detail"] == f"{method} is not allowed; use GET"


class Failing(PostgresRepository):
    """A repository whose spans fail as ``failure`` says."""

    failure: Exception = DatabaseError("postgresql://secret@host: statement too long")

    async def get_lines(self, *_asked: object, **_named: object) -> bytes:
        raise self.failure


async def test_a_failing_database(repository: PostgresRepository) -> None:
    """503 and when to come back; what failed stays in our log."""
    failing = Failing(repository.link)
    app = create_app(failing, exchanges=EXCHANGES, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        reply = await ask("/api/v1/trades")
    assert (reply.status, reply.headers["Retry-After"]) == (503, "2")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.body == {
        "type": "urn:perps-stats:problem:database-away",
        "title": "Database away",
        "status": 503,
        "detail": "the database does not answer; try again soon",
        "instance": "/api/v1/trades",
        "error": "Database away",
        "message": "the database does not answer; try again soon",
    }


async def test_a_question_that_takes_too_long(repository: PostgresRepository) -> None:
    """503 and how to ask instead: to come back later would not help."""
    failing = Failing(repository.link)
    failing.failure = TooSlow("postgresql://secret@host: the statement took too long")
    app = create_app(failing, exchanges=EXCHANGES, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        reply = await ask("/api/v1/trades")
    assert (reply.status, "Retry-After" in reply.headers) == (503, False)
    assert reply.body["type"] == "urn:perps-stats:problem:too-slow"
    assert reply.body["detail"] == (
        "the database would take too long over this; narrow the span or the markets"
    )


async def test_a_fault_of_ours(
    repository: PostgresRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    """500 without our insides, which are in the log; the next question is answered."""
    failing = Failing(repository.link)
    failing.failure = ZeroDivisionError("inside")
    app = create_app(failing, exchanges=EXCHANGES, now=lambda: NOW, process=Said())
    async with asking(app) as ask:
        reply = await ask("/api/v1/trades")
        after = await ask("/api/v1/tickers")
    assert (reply.status, after.status) == (500, 200)
    assert reply.body == {
        "type": "urn:perps-stats:problem:internal-server-error",
        "title": "Internal server error",
        "status": 500,
        "detail": "this is our fault, and it is in our log",
        "instance": "/api/v1/trades",
        "error": "Internal server error",
        "message": "this is our fault, and it is in our log",
    }
    assert "ZeroDivisionError: inside" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_stream_is_no_page(ask: Ask, method: str) -> None:
    """Who asks for it as for one is told what to do, by a message that the stream takes."""
    reply = await ask("/api/v1/stream", method=method)
    assert reply.status == 426
    assert (reply.headers["Upgrade"], reply.headers["Connection"]) == ("websocket", "Upgrade")
    assert reply.headers["Content-Type"] == "application/problem+json"
    if method == "GET":
        assert reply.body["type"] == "urn:perps-stats:problem:upgrade-required"
        remedy = str(reply.body["remedy"])
        assert "docs/websocket.md" in remedy
        read_request(remedy[remedy.index("{") : remedy.rindex("}") + 1].encode())
