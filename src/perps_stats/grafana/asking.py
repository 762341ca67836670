"""The questions of the dashboards in SQL: one a file in ``queries/``, filled in where it says so.

What Grafana fills in when it asks stands as it is: ``$exchange``, ``$__timeFilter(ts)``.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from perps_stats.aggregator.liquidity import BANDS
from perps_stats.database.statements import statement
from perps_stats.exchanges import EXCHANGES, verifiable_streams
from perps_stats.grafana.model import Query

QUERIES = files("perps_stats.grafana") / "queries"
SIDES = ("bid", "ask")
CHOSEN = "(select array_agg({} order by market_id) from chosen)"
END = "least($__timeTo()::timestamptz, now())"
NOBODY = "null"
SHARED = {
    "stream_coverage": (
        *(NOBODY, NOBODY, CHOSEN.format("exchange"), CHOSEN.format("symbol")),
        *("$__timeFrom()", END, "array[$stream]", "interval '1 day'"),
        "array({living})",
    ),
    "sum_gaps": (
        *(NOBODY, NOBODY, CHOSEN.format("exchange"), CHOSEN.format("symbol")),
        *("$__timeFrom()", END, "array[$stream]", NOBODY, END, NOBODY, NOBODY),
        "array({living})",
    ),
}
"""Statements that all faces ask, so that Grafana cannot say otherwise, and what stands for each of
their parameters.
"""


def table(question: str, *, of_all_symbols: bool = False) -> Query:
    """A question whose rows are shown as they are."""
    return Query(name=question, text=sql(question, of_all_symbols=of_all_symbols), form="table")


def lines(question: str, filled: Mapping[str, str] | None = None) -> Query:
    """A question whose answer is a line for each ``metric``, or for each column of figures."""
    return Query(name=question, text=sql(question, filled))


def sql(
    question: str, filled: Mapping[str, str] | None = None, *, of_all_symbols: bool = False
) -> str:
    """``filled`` are the values of placeholders that only this question has."""
    text = _text(question)
    among = "" if of_all_symbols else " and m.symbol in ($symbol)"
    known = {**_common(), "chosen": _text("chosen").format(of_symbols=among), **(filled or {})}
    if "{coverage}" in text:
        known["coverage"] = sql("coverage")
    return text.format(**known)


@cache
def _text(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8").rstrip()


@cache
def _common() -> Mapping[str, str]:
    pairs = sorted(verifiable_streams(EXCHANGES))
    return {
        "bands": ",\n".join(_bands("{band}", "not r.complete and r.reach_{side}_bps < {bps}")),
        "hourly_bands": ",\n".join(_bands("{band}_avg, r.{band}_samples", "r.{band}_floors > 0")),
        "verifiable": ", ".join(f"('{exchange}', '{stream}')" for exchange, stream in pairs),
        **{name: _shared(name) for name in SHARED},
    }


def _bands(value: str, is_floor: str) -> Iterator[str]:
    """A line of ``values`` for each band and side of a row ``r`` of liquidity."""
    for side in SIDES:
        for name, bps in BANDS.items():
            told = f"r.{value}, {is_floor}".format(band=f"{side}_{name}", side=side, bps=bps)
            yield f"        ({bps}, '{side}', {told})"


def _shared(name: str) -> str:
    """A statement of the database with a value in place of each parameter."""
    living = _without_comments(statement("live_sessions"))
    values = [value.format(living=living) for value in SHARED[name]]
    text = _without_comments(statement(name))
    return re.sub(r"\$(\d+)", lambda found: f"({values[int(found[1]) - 1]})", text)


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
