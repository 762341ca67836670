"""The questions to exchanges, against an exchange whose answers are written down."""

import csv
import json
from decimal import Decimal

import pytest
from tests.cli.paper import BOOK, PaperExchange, listed
from tests.cli.program import Ended, Program

Paper = tuple[Program, PaperExchange]
Answer = dict[str, object]


def rows(done: Ended) -> list[Answer]:
    answered: list[Answer] = json.loads(done.out)["data"]
    return answered


def chosen(answer: Answer, *names: str) -> list[object]:
    return [answer[name] for name in names]


def test_market_gives_every_figure_exactly(paper: Paper) -> None:
    """The digits of the wire reach JSON as strings; units and the source's time stand beside."""
    program, _ = paper
    done = program("market", "--exchange", "binance", "--symbols", "BTC,ETH", "--json")
    assert (done.code, done.err) == (0, "")
    btc, eth = rows(done)
    assert chosen(btc, "exchange", "symbol", "error") == ["binance", "BTC", None]
    assert chosen(btc, "last_price", "mark_price", "index_price") == [
        "100.5",
        "100.00000000",
        "100.10000000",
    ]
    assert chosen(btc, "volume_24h", "turnover_24h") == ["123456.789", "12345678.9012345678"]
    assert chosen(btc, "open_interest", "funding_rate") == ["50.5", "0.00010000"]
    assert Decimal(str(btc["price_change_pct"])) == Decimal("0.1")
    assert eth["symbol"] == "ETH"
    meta = json.loads(done.out)["meta"]
    assert meta["as_of"] == "2026-01-31T12:00:00.000000Z"
    assert meta["units"]["turnover_24h"] == "quote"
    assert meta["units"]["funding_rate"] == "fraction"
    assert meta["simulated"] is False


def test_ticker_gives_the_best_prices(paper: Paper) -> None:
    """Best bid and ask come with their quantities."""
    program, _ = paper
    (ticker,) = rows(program("ticker", "-s", "BTCUSDT", "--json"))
    assert chosen(ticker, "best_bid_price", "best_bid_qty") == ["100.0", "5"]
    assert chosen(ticker, "best_ask_price", "best_ask_qty") == ["101.0", "2"]
    assert ticker["timestamp"] == "2026-01-31T12:00:00.000000Z"


def test_liquidity_says_what_is_a_floor(paper: Paper) -> None:
    """Mid is 100.5. Bids reach 149.2537 bps, asks 248.7562: only beyond is a band a floor."""
    program, exchange = paper
    (row,) = rows(program("liquidity", "-s", "BTC", "--depth", "5", "--json"))
    assert chosen(row, "mid_price", "bid_20bps", "bid_50bps") == ["100.5", "0", "500.0"]
    assert chosen(row, "ask_50bps", "ask_100bps") == ["202.0", "202.0"]
    assert chosen(row, "reach_bid_bps", "reach_ask_bps") == ["149.2537", "248.7562"]
    assert row["floors"] == []
    exchange.bodies["/fapi/v1/depth"] = json.dumps(
        {
            "lastUpdateId": 8,
            "E": 1_769_860_800_000,
            "T": 1_769_860_800_000,
            "bids": [[f"{1000 - step * 0.1:.1f}", "1"] for step in range(5)],
            "asks": [[f"{1000.2 + step * 0.1:.1f}", "1"] for step in range(5)],
        }
    ).encode()
    (row,) = rows(program("liquidity", "-s", "BTC", "--depth", "5", "--json"))
    beyond = ("5bps", "10bps", "20bps", "50bps", "100bps")
    assert row["floors"] == sorted(f"{side}_{band}" for side in ("ask", "bid") for band in beyond)
    assert row["bid_5bps"] == row["bid_100bps"] == "4999.0"


def test_slippage_walks_the_book(paper: Paper) -> None:
    """408 buys 2 at 101 and 2 at 103: 102 on average, 1.5 above a mid of 100.5."""
    program, _ = paper
    (buy,) = rows(program("slippage", "-s", "BTC", "--size", "408", "--side", "buy", "--json"))
    assert chosen(buy, "side", "trade_amount", "reference_price") == ["buy", "408", "100.5"]
    assert chosen(buy, "avg_price", "fillable", "fee") == ["102", True, None]
    assert buy["slippage_bps"] == "149.25373134"
    assert buy["slippage_pct"] == "0.014925373134"


def test_slippage_against_mark_with_a_fee(paper: Paper) -> None:
    """Selling 500 fills at 100, which is mark; the fee is shown apart."""
    program, _ = paper
    words = ("--size", "500", "--side", "sell", "--reference", "mark", "--fee", "0.0005")
    (sell,) = rows(program("slippage", "-s", "BTC", *words, "--json"))
    assert chosen(sell, "reference", "reference_price") == ["mark", "100.00000000"]
    assert Decimal(str(sell["slippage_bps"])) == 0
    assert sell["fee"] == "0.2500"


def test_what_cannot_be_filled_names_the_most_that_can(paper: Paper) -> None:
    """The asks hold 614. The whole book came (fewer levels than asked): more is not fillable."""
    program, _ = paper
    both = rows(program("slippage", "-s", "BTC", "--size", "614,615", "--side", "buy", "--json"))
    assert chosen(both[0], "fillable", "max_amount") == [True, None]
    assert chosen(both[1], "avg_price", "fillable", "max_amount") == [None, False, "614.0"]


def test_an_unknown_taker_fee_is_told(paper: Paper) -> None:
    """Binance tells no fees in public: asked for them, the answer is how to give one."""
    program, _ = paper
    done = program("slippage", "-s", "BTC", "--size", "100", "--fee", "taker")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("perps-stats: binance: does not offer its taker fee for BTC: give")


def test_symbols_lists_every_name(paper: Paper) -> None:
    """A market is found under its global, canonical, full, ccxt and native names."""
    program, _ = paper
    btc, eth = rows(program("symbols", "--json"))
    assert chosen(btc, "symbol", "contract", "full", "ccxt", "native") == [
        "BTC",
        "BTC-USDT-PERP",
        "binance:BTC-USDT-PERP",
        "BTC/USDT:USDT",
        "BTCUSDT",
    ]
    assert chosen(eth, "tick_size", "lot_size", "min_order_value") == ["0.10", "0.001", "100"]
    for name in ("BTC", "btc", "BTC-USDT-PERP", "binance:BTC-USDT-PERP", "BTC/USDT:USDT"):
        (ticker,) = rows(program("ticker", "-s", name, "--json"))
        assert ticker["symbol"] == "BTC"


def test_one_failing_market_is_a_row_with_its_reason(paper: Paper) -> None:
    """Exit code 6, the good row beside the bad, every field of the bad one null."""
    program, _ = paper
    done = program("ticker", "-s", "BTC,BTX", "--json")
    good, bad = rows(done)
    assert (done.code, good["error"], good["last_price"]) == (6, None, "100.5")
    assert "'BTX' is not a market it lists; did you mean BTC?" in str(bad["error"])
    assert {name for name, value in bad.items() if value is not None} == {
        "exchange",
        "symbol",
        "error",
    }
    assert list(bad) == list(good)


def test_all_failing_is_the_first_failure(paper: Paper) -> None:
    """Nothing to print: exit code 2 for symbols nobody lists, each failure on a line."""
    program, _ = paper
    done = program("ticker", "-s", "FOO,BAR")
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert [line.split("'")[1] for line in lines] == ["BAR", "FOO"]


def test_separated_values_have_the_same_columns_always(paper: Paper) -> None:
    """TSV into a pipe, CSV on request: one header, failures or not; unknown is empty."""
    program, _ = paper
    plain = program("ticker", "-s", "BTC")
    partial = program("ticker", "-s", "FOO,BTC", "--csv")
    (row,) = csv.DictReader(plain.out.splitlines(), delimiter="\t")
    bad, good = csv.DictReader(partial.out.splitlines())
    assert list(row) == list(bad)
    assert (row["last_price"], good["last_price"], bad["last_price"]) == ("100.5", "100.5", "")


@pytest.mark.parametrize("suffix", ["json", "csv", "tsv"])
def test_an_answer_goes_to_a_file(paper: Paper, suffix: str) -> None:
    """``-o`` takes the form from the name; stdout stays empty."""
    program, _ = paper
    done = program("ticker", "-s", "BTC", "-o", f"answer.{suffix}")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "100.5" in (program.directory / f"answer.{suffix}").read_text()


def test_a_file_that_cannot_be_written_is_told(paper: Paper) -> None:
    """Exit code 1 and the reason."""
    program, _ = paper
    done = program("ticker", "-s", "BTC", "-o", "nowhere/answer.json")
    assert done.code == 1
    assert done.err == (
        "perps-stats: nowhere/answer.json cannot be written: No such file or directory\n"
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>busy</html>", "HTML instead of JSON"),
        (b'{"symbols": [', "unreadable answer"),
        (b'{"symbols": [{"symbol": 5}]}', "unreadable answer"),
        (b"[]", "unreadable answer"),
    ],
)
def test_an_unreadable_exchange_is_one_line(paper: Paper, body: bytes, problem: str) -> None:
    """HTML, half a body, wrong types: exit code 4, no traceback."""
    program, exchange = paper
    exchange.bodies["/fapi/v1/exchangeInfo"] = body
    done = program("market", "-s", "BTC")
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines()[-1].startswith("perps-stats: binance: ")
    assert problem in done.err
    assert "Traceback" not in done.err


def test_a_crossed_book_is_one_line(paper: Paper) -> None:
    """No figure is derived from it; what is wrong with it is told."""
    program, exchange = paper
    exchange.bodies["/fapi/v1/depth"] = (
        b'{"lastUpdateId":9,"E":1,"T":1,"bids":[["102","1"]],"asks":[["101","1"]]}'
    )
    for words in (["liquidity"], ["slippage", "--size", "100"]):
        done = program(*words, "-s", "BTC")
        assert (done.code, done.out) == (4, "")
        assert "is crossed, best bid 102 above best ask 101" in done.err


def test_an_exchange_that_is_down_is_one_line(program: Program) -> None:
    """Exit code 4, which address does not answer, nothing on stdout."""
    environ = {
        "PERPS_STATS__EXCHANGES__BINANCE__REST_URL": "http://127.0.0.1:9",
        "PERPS_STATS__NETWORK__ATTEMPTS": "1",
    }
    for words in (
        ["market", "-s", "BTC,ETH"],
        ["symbols"],
        ["slippage", "-s", "BTC", "--size", "1"],
    ):
        done = program(*words, **environ)
        assert (done.code, done.out) == (4, "")
        assert done.err.count("\n") == 1
        assert done.err.startswith("perps-stats: binance: http://127.0.0.1:9/fapi/v1/exchangeInfo ")


def test_simulated_data_says_so(program: Program, simulated: dict[str, str]) -> None:
    """In JSON, on stderr beside separated values, and under the table on a terminal."""
    program.environ |= simulated
    done = program("market", "-s", "BTC", "--json")
    assert json.loads(done.out)["meta"]["simulated"] is True
    assert program("market", "-s", "BTC").err == "perps-stats: simulated data: binance\n"
    assert "simulated data: binance" in program.on_terminal("market", "-s", "BTC").out


def test_without_symbols_all_markets_answer(program: Program, simulated: dict[str, str]) -> None:
    """``market`` and ``ticker`` tell of every market that the exchange lists."""
    program.environ |= simulated
    for command in ("market", "ticker"):
        names = {str(row["symbol"]) for row in rows(program(command, "--json"))}
        assert {"BTC", "ETH"} <= names


def test_a_terminal_gets_a_table(paper: Paper) -> None:
    """With units, amounts for reading, and the failure below it; narrow, it lies on its side."""
    program, _ = paper
    wide = program.on_terminal("market", "-s", "BTC,FOO", columns=220)
    assert wide.code == 6
    header, units = wide.out.splitlines()[1:3]
    assert "last_price" in header
    assert units.split()[:2] == ["exchange", "symbol"]
    assert "quote/base" in units
    assert "12,345,678" in wide.out
    assert "FOO: binance: 'FOO' is not a market it lists" in wide.out
    narrow = program.on_terminal("market", "-s", "BTC", columns=60)
    assert ["last_price", "quote/base", "100.5"] in [
        line.split() for line in narrow.out.splitlines()
    ]


def test_a_share_is_of_one_currency(paper: Paper) -> None:
    """Dollars and coins pegged to them are one total; what is quoted in euro is not added to it."""
    program, exchange = paper
    quotes = ("USDT", "USDC", "EUR")
    contracts = [listed("BTC") | {"symbol": f"BTC{one}", "quoteAsset": one} for one in quotes]
    exchange.bodies["/fapi/v1/exchangeInfo"] = json.dumps({"symbols": contracts}).encode()
    near = {"bids": [["100.0", "5"], ["99.0", "1"]], "asks": [["100.1", "5"], ["102.0", "1"]]}
    exchange.bodies["/fapi/v1/depth"] = json.dumps({**BOOK, **near}).encode()
    names = ",".join(f"BTC-{one}-PERP" for one in quotes)
    for command, fields in {
        "market": ("turnover_share", "open_value_share"),
        "liquidity": ("share_10bps",),
    }.items():
        answers = rows(program(command, "-s", names, "--json"))
        assert [answer["quote"] for answer in answers] == list(quotes)
        for field in fields:
            assert [answer[field] for answer in answers] == ["0.5", "0.5", None]
