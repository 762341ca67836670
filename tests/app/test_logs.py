"""What is logged: an event a line, not too often, and no secrets."""

import json
import sys
from collections.abc import Generator, MutableMapping

import pytest
import structlog

from perps_stats.app.logs import MOST, MOST_KEYS, WINDOW_SECONDS, Repeats, configure_logs
from perps_stats.settings import LogSettings

Event = MutableMapping[str, object]


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None]:
    """Configuration is of the whole process."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    out, err = capsys.readouterr()
    assert out == ""
    return [json.loads(line) for line in err.splitlines()]


def test_json_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, on stderr: what happened, how bad it is, when, and to whom."""
    configure_logs(LogSettings())
    structlog.get_logger().bind(exchange="binance").warning("hung up", detail="two\nlines", at=1.5)
    (event,) = said(capsys)
    assert str(event.pop("timestamp")).endswith("Z")
    assert event == {
        "event": "hung up",
        "level": "warning",
        "exchange": "binance",
        "detail": "two\nlines",
        "at": 1.5,
    }


def test_lines_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """The setting prevails over what stderr is."""
    configure_logs(LogSettings(format="console"))
    structlog.get_logger().info("listening", address="http://127.0.0.1:1")
    line = capsys.readouterr().err
    assert "[info     ] listening" in line
    assert "address=http://127.0.0.1:1" in line


def test_less_than_the_level_is_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The level is a setting."""
    configure_logs(LogSettings(level="warning"))
    structlog.get_logger().info("listening")
    structlog.get_logger().warning("hung up")
    assert [event["event"] for event in said(capsys)] == ["hung up"]


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"error": "postgresql://me:s3cret@db:5432/x is away"}, "postgresql://me:***@db:5432/x"),
        ({"error": "host=db password=s3cret&user=me"}, "password=***&user=me"),
        ({"urls": ["https://a:s3cret@b/c", "d"]}, "https://a:***@b/c"),
        ({"detail": {"url": "ws://a:s3@cret@b"}}, "ws://a:***@b"),
        ({"api_key": "s3cret"}, "***"),
        ({"told": "with ps_abcd1234_s3cret it"}, "with ps_abcd1234_*** it"),
        ({"Token": "s3cret"}, "***"),
    ],
)
def test_no_secrets(
    capsys: pytest.CaptureFixture[str], form: str, fields: dict[str, object], kept: str
) -> None:
    """Wherever they stand in what is said; the rest of it stays."""
    configure_logs(LogSettings(format="json" if form == "json" else "console"))
    structlog.get_logger().warning("database away", **fields)
    line = capsys.readouterr().err
    assert "cret" not in line
    assert kept in line


def test_a_live_table_may_stand_in_for_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines go where stderr leads at the moment, not where it led when logs were configured."""
    written: list[str] = []

    class Screen:
        def write(self, text: str) -> None:
            written.append(text)

        def flush(self) -> None:
            written.append("flushed")

    configure_logs(LogSettings())
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Screen())
        structlog.get_logger().info("listening")
    assert [json.loads(written[0])["event"], written[1]] == ["listening", "flushed"]
    assert capsys.readouterr().err == ""


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def tell(repeats: Repeats, **event: object) -> Event | None:
    try:
        return repeats(None, "", {"event": "gap", "level": "warning", **event})
    except structlog.DropEvent:
        return None


def test_repeats_are_counted() -> None:
    """The tenth line of a minute says it is the last; the first after it says how many came."""
    clock = Clock()
    repeats = Repeats(clock)
    lines = [tell(repeats, exchange="kucoin") for _ in range(25)]
    assert [line is not None for line in lines] == [True] * MOST + [False] * (25 - MOST)
    plain = {"event": "gap", "level": "warning", "exchange": "kucoin"}
    assert lines[: MOST - 1] == [plain] * (MOST - 1)
    assert lines[MOST - 1] == {**plain, "muted_seconds": round(WINDOW_SECONDS), "so_far": MOST}
    clock.now += WINDOW_SECONDS
    assert tell(repeats, exchange="kucoin") == {**plain, "so_far": 26}
    assert tell(repeats, exchange="kucoin") == plain


def test_a_minute_later_nothing_is_muted() -> None:
    """What comes seldom is always said, and never with a count."""
    clock = Clock()
    repeats = Repeats(clock)
    for _ in range(3 * MOST):
        clock.now += WINDOW_SECONDS / (MOST - 2)
        assert tell(repeats) == {"event": "gap", "level": "warning"}


def test_another_thing_is_another_event() -> None:
    """What it is about tells events apart, what is said of it does not; debug is never muted."""
    repeats = Repeats(Clock())
    for number in range(MOST):
        assert tell(repeats, symbol="BTC", detail=number) is not None
    assert tell(repeats, symbol="BTC", detail=MOST) is None
    assert tell(repeats, symbol="ETH") is not None
    assert tell(repeats, symbol="BTC", event="gap closed") is not None
    assert tell(repeats, symbol="BTC", level="debug") is not None


def test_a_count_of_its_own_is_kept() -> None:
    """Where the event counts itself, it knows better."""
    repeats = Repeats(Clock())
    for _ in range(MOST - 1):
        tell(repeats)
    line = tell(repeats, so_far=77)
    assert line is not None
    assert line["so_far"] == 77


def test_it_remembers_only_so_much() -> None:
    """Of ever new things the oldest are forgotten."""
    repeats = Repeats(Clock())
    for _ in range(MOST):
        tell(repeats, path="/first")
    for number in range(MOST_KEYS):
        tell(repeats, path=f"/{number}")
    assert len(repeats._seen) == MOST_KEYS
    assert tell(repeats, path="/first") is not None
