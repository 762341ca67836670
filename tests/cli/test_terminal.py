"""Tables on a terminal: nothing is cut off, lower bounds and unknowns are marked."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perps_stats.cli.output import Printed, Record, Screen
from perps_stats.cli.terminal import draw, readable

COLUMNS = ("symbol", "amount", "price", "open")
UNITS = {"amount": "quote", "price": "quote/base"}


def drawn(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *records: Record,
    columns: int = 100,
) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Screen(COLUMNS, UNITS)
    draw(Printed(records=records, fields=COLUMNS, screen=screen, simulated=["binance"]))
    return capsys.readouterr().out


ROW: Record = {
    "symbol": "BTC",
    "amount": "1234567.891",
    "price": "61659.700000000000000001",
    "open": None,
    "floors": ["amount"],
}


def test_floors_unknowns_and_exact_prices(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A floor has its mark, unknown is a dash, a price keeps every digit."""
    out = drawn(capsys, monkeypatch, ROW)
    assert ["BTC", ">=", "1,234,567", "61659.700000000000000001", "-"] in [
        line.split() for line in out.splitlines()
    ]
    assert "simulated data: binance" in out
    assert ">= at least so much" in out


@pytest.mark.parametrize("columns", [10, 40, 60, 200])
def test_nothing_is_cut_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """However narrow the terminal, every digit and every name is there."""
    out = drawn(capsys, monkeypatch, ROW, ROW, columns=columns)
    assert out.count("61659.700000000000000001") == 2
    assert out.count(">= 1,234,567") == 2
    assert "…" not in out


def test_a_failure_stands_below(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row has dashes; its reason is printed as it is, brackets too."""
    failed: Record = {"symbol": "ETH", "exchange": "binance", "error": "[Errno 111] [/] refused"}
    out = drawn(capsys, monkeypatch, ROW, failed)
    assert ["ETH", "-", "-", "-"] in [line.split() for line in out.splitlines()]
    assert "ETH: [Errno 111] [/] refused\n" in out


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"),
        ("0.000123456789", "0.000123456"),
        ("1.5", "1.5"),
        ("123.456789", "123.456"),
        ("99999.99", "99,999.9"),
        ("1234567.99", "1,234,567"),
        ("1000000000", "1,000,000,000"),
    ],
)
def test_an_amount_is_rounded_for_reading(number: str, text: str) -> None:
    """Six digits, or whole; thousands grouped."""
    assert readable(number) == text


@given(st.decimals(0, 10**15, allow_nan=False, places=9))
def test_rounding_never_overstates(number: Decimal) -> None:
    """What is shown is at most the truth, and off by less than one in a hundred thousand."""
    shown = Decimal(readable(f"{number:f}").replace(",", ""))
    assert shown <= number
    assert number - shown <= number / 10**5
