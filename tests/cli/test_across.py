"""One question to several exchanges, each different in kind: one table, in the same units."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.cli.paper import PaperExchange, listed
from tests.cli.program import Ended, Program, stop

from perps_stats.core.times import to_ms
from perps_stats.exchanges import EXCHANGES
from perps_stats.sim import SimSettings, Simulator
from perps_stats.sim.facts import Truth

FOUR = ("binance", "kucoin", "lighter", "paradex")
NOW = datetime(2026, 11, 23, 12, 34, 56, 789_000, tzinfo=UTC)
BANDS = {
    name: Fraction(name.replace("_", ".")) for name in ("1", "2_5", "5", "10", "20", "50", "100")
}
NATIVES = {
    "binance": "BTCUSDT",
    "kucoin": "XBTUSDTM",
    "lighter": "BTC",
    "paradex": "BTC-USD-PERP",
}
Row = Mapping[str, object]


def pointed_at(simulator: Simulator) -> dict[str, str]:
    """The environment of who asks these venues and no other."""
    environ = {
        f"PERPS_STATS__EXCHANGES__{name.upper()}__REST_URL": venue.rest_url
        for name, venue in simulator.venues.items()
    }
    return {**environ, "PERPS_STATS__ASK__EXCHANGES": ",".join(simulator.venues)}


@pytest.fixture(name="simulator")
async def four_exchanges() -> AsyncGenerator[Simulator]:
    """One world, four venues, a clock that stands still."""
    settings = SimSettings(exchanges=FOUR, symbols=("BTC", "ETH"))
    async with Simulator(settings, clock=lambda: to_ms(NOW)) as simulator:
        yield simulator


async def asked(simulator: Simulator, directory: Path, *words: str, **environ: str) -> Ended:
    """The program's answer, while the simulator goes on answering here."""
    program = Program(directory, pointed_at(simulator))
    return await asyncio.to_thread(program, *words, **environ)


def rows(done: Ended) -> list[Row]:
    answered: list[Row] = json.loads(done.out)["data"]
    return answered


def number(row: Row, field: str) -> Fraction:
    return Fraction(str(row[field]))


def within(
    levels: Sequence[tuple[Decimal, Decimal]], lowest: Fraction, highest: Fraction
) -> Fraction:
    """The formula: the sum of price x quantity of the levels in between, both ends included."""
    return sum(
        (Fraction(p) * Fraction(q) for p, q in levels if lowest <= Fraction(p) <= highest),
        Fraction(0),
    )


def assert_liquidity(row: Row, truth: Truth) -> None:
    mid = (Fraction(truth.bids[0][0]) + Fraction(truth.asks[0][0])) / 2
    assert number(row, "mid_price") == mid
    floors = row["floors"]
    assert isinstance(floors, list)
    for band, bps in BANDS.items():
        share = bps / 10_000
        true = {
            f"bid_{band}bps": within(truth.bids, mid * (1 - share), mid),
            f"ask_{band}bps": within(truth.asks, mid, mid * (1 + share)),
        }
        for field, value in true.items():
            told = number(row, field)
            assert told <= value if field in floors else told == value, field


async def test_liquidity_is_the_truth_of_each(simulator: Simulator, tmp_path: Path) -> None:
    """Every band of every venue, in quote coin; what one does not reach is a floor and says so."""
    found = rows(await asked(simulator, tmp_path, "liquidity", "-s", "BTC", "--json"))
    assert [row["exchange"] for row in found] == list(FOUR)
    for row in found:
        name = str(row["exchange"])
        assert_liquidity(row, simulator.venues[name].truth(NATIVES[name]))
    kucoin, paradex = found[1], found[3]
    assert kucoin["floors"] == []
    assert {"bid_100bps", "ask_100bps"} <= set(map(str, paradex["floors"]))  # type: ignore[call-overload] # a list


async def test_funding_is_the_truth_of_each(simulator: Simulator, tmp_path: Path) -> None:
    """Whatever the interval: per hour, per 8 hours and per year of the same rate."""
    done = await asked(simulator, tmp_path, "funding", "-s", "BTC", "--json")
    found = rows(done)
    assert [row["exchange"] for row in found] == list(FOUR)
    per_hour: dict[str, Fraction] = {}
    for row in found:
        name = str(row["exchange"])
        mark = simulator.venues[name].source(NATIVES[name]).mark()
        hours = number(row, "funding_interval")
        assert number(row, "funding_rate") == Fraction(mark.rate)
        per_hour[name] = Fraction(mark.rate) / hours
        for field, times in {"funding_per_hour": 1, "funding_8h": 8, "funding_apr": 8760}.items():
            assert abs(number(row, field) - per_hour[name] * times) < Fraction(1, 10**15)
    assert {number(row, "funding_interval") for row in found} == {1, 8}
    (pair,) = json.loads(done.out)["meta"]["pairs"]
    assert per_hour[pair["long_exchange"]] == min(per_hour.values())
    assert per_hour[pair["short_exchange"]] == max(per_hour.values())


async def test_market_is_the_truth_of_each(simulator: Simulator, tmp_path: Path) -> None:
    """Price, turnover and open interest in quote; shares are of the four together."""
    found = rows(await asked(simulator, tmp_path, "market", "-s", "BTC", "--json"))
    for row in found:
        name = str(row["exchange"])
        source = simulator.venues[name].source(NATIVES[name])
        day, held = source.day(), Fraction(source.open_interest()[0])
        assert number(row, "last_price") == Fraction(day.last)
        assert row["turnover_24h"] is None or number(row, "turnover_24h") == Fraction(day.turnover)
        assert number(row, "open_interest") == held
        price = day.last if row["open_value_at"] == "last_price" else source.mark().mark
        assert number(row, "open_value") == held * Fraction(price)
    total = sum((number(row, "open_value_share") for row in found), Fraction(0))
    assert abs(total - 1) < Fraction(1, 10**15)
    assert len({row["last_price"] for row in found}) > 1


async def test_the_cost_of_a_size_is_compared(simulator: Simulator, tmp_path: Path) -> None:
    """The cost in quote is the slippage times the amount; each venue has its own."""
    words = ("slippage", "-s", "BTC", "--size", "100000", "--side", "buy", "--json")
    found = rows(await asked(simulator, tmp_path, *words))
    assert [row["exchange"] for row in found] == list(FOUR)
    filled = [row for row in found if row["fillable"]]
    assert len(filled) >= 3
    for row in filled:
        assert number(row, "cost") == number(row, "slippage_pct") * 100_000


async def test_the_best_venue_and_the_best_split(simulator: Simulator, tmp_path: Path) -> None:
    """One fee for all: the first by rank costs least, and the split no more. The parts sum to the
    amount; each is a venue's whose book is known.
    """
    words = ("cost", "-s", "BTC", "--size", "1m", "--side", "sell", "--fee", "0.0002", "--json")
    found = rows(await asked(simulator, tmp_path, *words))
    assert [row["exchange"] for row in found] == list(NATIVES)
    known = [row for row in found if row["total_bps"] is not None]
    totals = [number(row, "total_bps") for row in known]
    assert len(known) > 1
    assert number(min(known, key=lambda row: int(str(row["rank"]))), "total_bps") == min(totals)
    assert sum(number(row, "split_amount") for row in found if row["split_amount"]) == 1_000_000
    assert {number(row, "split_bps") for row in found}.pop() <= min(totals)
    for row in known:
        truth = simulator.venues[str(row["exchange"])].truth(NATIVES[str(row["exchange"])])
        assert number(row, "reference_price") == (truth.bids[0][0] + truth.asks[0][0]) / 2


async def test_who_is_best_is_in_the_rows(simulator: Simulator, tmp_path: Path) -> None:
    """Best venue and best split are also in the rows: on a pipe nothing but rows is printed."""
    done = await asked(simulator, tmp_path, "cost", "-s", "BTC", "--size", "1m", "--fee", "0.0002")
    assert done.code == 0
    header, *lines = done.out.splitlines()
    assert len(lines) == 2 * len(NATIVES)
    assert {"rank", "split_amount", "split_bps", "missing"} <= set(header.split("\t"))


async def test_one_that_is_down_is_a_row_with_its_reason(
    simulator: Simulator, tmp_path: Path
) -> None:
    """The three others answer; exit code 6."""
    down = {"PERPS_STATS__EXCHANGES__LIGHTER__REST_URL": "http://127.0.0.1:9"}
    for command in ("liquidity", "market", "ticker", "funding"):
        done = await asked(simulator, tmp_path, command, "-s", "BTC,ETH", "--json", **down)
        found = rows(done)
        failed = [row for row in found if row["error"] is not None]
        assert done.code == 6
        assert [(row["exchange"], row["symbol"]) for row in failed] == [
            ("lighter", "BTC"),
            ("lighter", "ETH"),
        ]
        assert all("http://127.0.0.1:9" in str(row["error"]) for row in failed)
        assert len(found) - len(failed) == 6


async def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After the time that the user gives it, not after the network's."""
    settings = SimSettings(exchanges=("binance", "paradex"), symbols=("BTC",), faults=("hang:1",))
    async with Simulator(settings) as simulator:
        done = await asked(simulator, tmp_path, "ticker", "-s", "BTC", "--timeout", "0.5")
    assert done.code == 4
    assert "no answer within 0.5 s; --timeout gives it longer" in done.err


async def test_floors_are_marked_on_a_terminal(simulator: Simulator, tmp_path: Path) -> None:
    """In the table and in the bars, with what the mark means below."""
    program = Program(tmp_path, pointed_at(simulator))
    for words in (["liquidity", "-s", "BTC"], ["liquidity", "-s", "BTC", "--chart"]):
        shown = await asyncio.to_thread(program.on_terminal, *words, columns=250)
        assert shown.code == 0
        assert ">= at least so much: the book that was received ends there" in shown.out
        lines = [line for line in shown.out.splitlines() if "paradex" in line]
        assert any(">= " in line for line in lines)
        assert not any(">= " in line for line in shown.out.splitlines() if "kucoin" in line)
        assert f"simulated data: {', '.join(FOUR)}" in shown.out


async def test_bars_are_as_long_as_what_rests(simulator: Simulator, tmp_path: Path) -> None:
    """Within each distance the greatest value fills forty cells, the others their share of them."""
    found = rows(await asked(simulator, tmp_path, "liquidity", "-s", "BTC", "--json"))
    values = [[number(row, f"{side}_20bps") for side in ("bid", "ask")] for row in found]
    most = max(value for row in values for value in row)
    drawn = (await asked(simulator, tmp_path, "liquidity", "-s", "BTC", "--chart")).out.splitlines()
    assert "BTC: value within a distance from mid, quote" in drawn
    at = next(place for place, line in enumerate(drawn) if line.strip() == "20 bps")
    for row, line, two in zip(found, drawn[at + 1 :], values, strict=False):
        assert str(row["exchange"]) in line
        assert line.count("\u2588") == sum(int(value / most * 40) for value in two)


async def test_who_counts_by_the_thousand_says_so(tmp_path: Path) -> None:
    """The multiplier is a column only where some market has one."""
    settings = SimSettings(exchanges=("binance", "lighter"), symbols=("BTC", "PEPE"))
    async with Simulator(settings) as simulator:
        program = Program(tmp_path, pointed_at(simulator))
        plain = await asyncio.to_thread(program.on_terminal, "ticker", "-s", "BTC", columns=250)
        coins = await asyncio.to_thread(program.on_terminal, "ticker", "-s", "kPEPE", columns=250)
    assert "multiplier" not in plain.out
    assert "multiplier" in coins.out
    assert coins.code == 0


async def test_watching_asks_again(simulator: Simulator, tmp_path: Path) -> None:
    """One JSON document a line, or rows under one header, until it is told to stop."""
    program = Program(tmp_path, pointed_at(simulator))
    for form, first in (("--json", "{"), ("--csv", "timestamp")):
        process = program.start("liquidity", "-s", "BTC", "--watch", "0.5", form)
        assert process.stdout is not None
        lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(6)]
        stop(process, signal.SIGINT)
        assert [line.startswith(first) for line in lines].count(True) == (
            6 if form == "--json" else 1
        )
    done = await asked(simulator, tmp_path, "ticker", "-s", "BTC", "--watch", "1", "-o", "a.json")
    assert (done.code, done.out) == (2, "")


def test_bars_are_for_reading(tmp_path: Path) -> None:
    """Asked for together with a form for programs, they are refused before anything is asked."""
    done = Program(tmp_path)("liquidity", "-s", "BTC", "--chart", "--json")
    assert (done.code, done.out) == (2, "")
    assert "leave out --json, --csv and -o" in done.err


def test_an_ambiguous_name_exits_with_its_candidates(tmp_path: Path) -> None:
    """Neither turnover nor a usual order says which of two quotes is meant: the user must."""
    exchange = PaperExchange()
    contracts = [listed("BTC") | {"symbol": f"BTC{q}", "quoteAsset": q} for q in ("USD1", "USDF")]
    exchange.bodies = {
        "/fapi/v1/exchangeInfo": json.dumps({"symbols": contracts}).encode(),
        **dict.fromkeys(
            ("/fapi/v1/ticker/24hr", "/fapi/v1/ticker/bookTicker", "/fapi/v1/premiumIndex"), b"[]"
        ),
    }
    environ = {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": exchange.url,
        "PERPS_STATS__ASK__EXCHANGES": "binance",
    }
    done = Program(tmp_path, environ)("ticker", "-s", "BTC")
    exchange.close()
    assert (done.code, done.out) == (2, "")
    assert "names more than one market; did you mean BTC-USD1-PERP, BTC-USDF-PERP?" in done.err


def test_the_capability_matrix_is_read_from_the_code(tmp_path: Path) -> None:
    """A line a capability, a column an exchange."""
    shown = Program(tmp_path).on_terminal("exchanges", columns=120).out.splitlines()
    table = {line.split()[0]: line.split()[1:] for line in shown if line.split()}
    assert table["exchange"] == list(EXCHANGES)
    offered = [
        "no" if exchange.aggregated_trades is None else "yes" for exchange in EXCHANGES.values()
    ]
    assert table["aggregated_trades"] == offered
    assert table["all_stats_requests"] == [
        str(exchange.all_stats_requests) for exchange in EXCHANGES.values()
    ]
