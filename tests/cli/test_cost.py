"""``cost``: what taking an amount costs in all, against an exchange on paper."""

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from tests.cli.paper import PaperExchange
from tests.cli.program import Ended, Program
from tests.cli.test_ask import chosen, rows

Paper = tuple[Program, PaperExchange]
FEE = {"PERPS_STATS__EXCHANGES__BINANCE__TAKER_FEE": "0.0004"}


def cost(program: Program, *words: str, environ: Mapping[str, str] | None = None) -> Ended:
    return program("cost", "-s", "BTC", *words, **(environ or {}))


def test_the_parts_of_a_cost(paper: Paper) -> None:
    """408 buys 2 at 101 and 2 at 103: 102 on average, of a mid of 100.5; 4 bps are the fee of the
    settings. Of the amount that is 0.5 / 101 for half the spread and 1.5 / 102 in all.
    """
    program, _ = paper
    (buy,) = rows(cost(program, "--size", "0.408k", "--side", "buy", "--json", environ=FEE))
    assert chosen(buy, "side", "size", "avg_price") == ["buy", "408", "102"]
    assert chosen(buy, "half_spread_bps", "book_bps") == ["49.50495050", "147.05882353"]
    assert chosen(buy, "fee_bps", "fee_from", "total_bps") == [
        "4.00000000",
        "settings",
        "151.05882353",
    ]
    assert Decimal(str(buy["shortfall"])) == Decimal("151.05882353") * 408 / 10_000
    assert chosen(buy, "rank", "missing") == [1, []]
    assert Decimal(str(buy["split_amount"])) == 408


def test_without_a_fee_there_is_no_total(paper: Paper) -> None:
    """What to do about it is told; ``--fee`` prevails over all."""
    program, _ = paper
    done = cost(program, "--size", "408", "--side", "buy", "--json")
    (buy,) = rows(done)
    assert chosen(buy, "book_bps", "fee_bps", "total_bps", "rank") == ["147.05882353"] + [None] * 3
    assert buy["missing"] == [
        "binance does not tell its taker fee: set exchanges.binance.taker_fee"
    ]
    (buy,) = rows(cost(program, "--size", "408", "--fee", "0", "--side", "buy", "--json"))
    assert chosen(buy, "fee_from", "total_bps") == ["option", "147.05882353"]


def test_both_sides_of_several_sizes(paper: Paper) -> None:
    """A row each; what the book cannot fill has no cost, and says the most it can."""
    program, _ = paper
    found = rows(cost(program, "--size", "100,1k", "--fee", "0.0005", "--json"))
    assert [chosen(row, "size", "side") for row in found] == [
        ["100", "buy"],
        ["100", "sell"],
        ["1000", "buy"],
        ["1000", "sell"],
    ]
    assert chosen(found[2], "avg_price", "total_bps", "max_amount") == [None, None, "614.0"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--size", "0"), "size: '0' is not accepted; use an amount in quote coin above 0"),
        (("--size", "1e5"), "size: '1e5' is not accepted"),
        (("--size", "1", "--fee", "5"), "fee: '5' is not accepted; use a fraction"),
        (("--size", "1", "--fee", "much"), "fee: 'much' is not accepted"),
    ],
)
def test_bad_input_is_one_line(paper: Paper, words: tuple[str, ...], problem: str) -> None:
    """Exit code 2, before anything is asked."""
    program, exchange = paper
    done = cost(program, *words)
    assert (done.code, done.out) == (2, "")
    assert problem in done.err
    assert exchange.paths == []


def test_units_are_told(paper: Paper) -> None:
    """Beside the rows, of every figure."""
    program, _ = paper
    meta = json.loads(cost(program, "--size", "100", "--json").out)["meta"]
    assert {meta["units"][name] for name in ("size", "shortfall", "split_amount")} == {"quote"}
    assert {name for name, unit in meta["units"].items() if unit == "bps"} == {
        *("book_bps", "half_spread_bps", "impact_bps", "fee_bps", "total_bps", "split_bps"),
    }
