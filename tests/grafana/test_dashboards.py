"""The dashboards as a whole: every question is answered, and in the form that its panel needs."""

import re
from collections.abc import Mapping
from typing import TypeAlias

import msgspec
import pytest
from msgspec.structs import replace

from perps_stats.database.link import Link
from perps_stats.database.repository import PostgresRepository
from perps_stats.grafana import DASHBOARDS
from perps_stats.grafana.asking import QUERIES, sql
from perps_stats.grafana.model import POSTGRES, Dashboard, Panel, Query

from .conftest import CHOSEN, at
from .macros import Asked, expanded

ASKED = Asked(start=at(-3600), end=at(3600), chosen=CHOSEN)
LONG = Asked(start=at(-90 * 86_400), end=at(3600), interval="2h", chosen=CHOSEN)
FIGURES = {"numeric", "int4", "int8", "float8"}
SQL = {
    f"{dashboard.name} {query.name} {query.form}": query
    for dashboard in DASHBOARDS
    for query in dashboard.queries
    if query.source == POSTGRES
}
PANELS = [panel for dashboard in DASHBOARDS for panel in dashboard.panels]
Plan: TypeAlias = dict[str, object]


async def columns(repository: PostgresRepository, query: Query) -> dict[str, str]:
    """Name and type of each column of the answer."""
    async with repository.link.borrow() as connection:
        prepared = await connection.prepare(expanded(query.text, ASKED))
        return {each.name: each.type.name for each in prepared.get_attributes()}


@pytest.mark.parametrize("asked", [ASKED, LONG], ids=["hours", "months"])
async def test_every_question_is_answered(filled: PostgresRepository, asked: Asked) -> None:
    """With rows, whatever the span: nothing that is asked for is missing from the schema."""
    for name, query in SQL.items():
        assert await filled.link.fetch(expanded(query.text, asked)), name


@pytest.mark.parametrize("nothing", [(), ("",)], ids=["none", "empty"])
async def test_where_nothing_can_be_chosen_nothing_is_found(
    filled: PostgresRepository, nothing: tuple[str, ...]
) -> None:
    """As at first, when nothing is stored yet: that is no error, in any panel."""
    asked = replace(ASKED, chosen=dict.fromkeys(CHOSEN, nothing))
    for query in SQL.values():
        await filled.link.fetch(expanded(query.text, asked))


async def test_lines_have_a_time_and_figures(filled: PostgresRepository) -> None:
    """``time``, figures, and at most the name of the line: what Grafana asks of a time series."""
    for name, query in SQL.items():
        if query.form == "time_series":
            found = await columns(filled, query)
            assert found.pop("time") in {"numeric", "timestamptz"}, name
            assert found.pop("metric", "text") == "text", name
            assert found, name
            assert set(found.values()) <= FIGURES, name


async def test_lines_come_in_the_order_of_time(filled: PostgresRepository) -> None:
    """As Grafana wants them."""
    for name, query in SQL.items():
        if query.form == "time_series":
            rows = await filled.link.fetch(expanded(query.text, ASKED))
            times = [row["time"] for row in rows]
            assert times == sorted(times), name


async def test_units_are_of_columns_that_there_are(filled: PostgresRepository) -> None:
    """A unit under another name would be shown nowhere; times are times, figures figures."""
    for panel in PANELS:
        if panel.kind == "table":
            found = await columns(filled, panel.queries[0])
            for column, unit in panel.columns.items():
                is_time = unit == "dateTimeAsIso"
                assert found[column] in ({"timestamptz"} if is_time else FIGURES), column


def test_no_question_is_forgotten() -> None:
    """Each file of queries/ is asked by a dashboard, or is part of one that is."""
    parts = {"chosen", "bands", "coverage"}
    names = {path.name.removesuffix(".sql") for path in QUERIES.iterdir()}
    assert names == parts | {query.name for query in SQL.values()}


def test_a_question_says_what_it_asks() -> None:
    """Its file begins with a comment."""
    for path in QUERIES.iterdir():
        assert path.read_text(encoding="utf-8").startswith("-- "), path.name


def test_gaps_lie_over_every_dashboard() -> None:
    """So that nobody takes a hole for a fact."""
    for dashboard in DASHBOARDS:
        assert [query.name for query in dashboard.annotations] == ["gap_annotations"]


def test_every_dashboard_says_what_is_simulated() -> None:
    """At its head."""
    for dashboard in DASHBOARDS:
        assert dashboard.panels[0].queries[0].name == "simulated"


def test_lines_end_where_nothing_is_known() -> None:
    """Grafana joins no points across a hole, and holes are filled with null, never with zero."""
    for panel in PANELS:
        if panel.kind == "timeseries":
            assert panel.custom.get("spanNulls", False) is False
    for query in SQL.values():
        for fill in re.findall(r"\$__timeGroupAlias\(([^)]*)\)", query.text):
            assert fill.split(",")[1:] == ["$__interval", "NULL"]
        assert not re.search(r"coalesce\([^()]*, *0", query.text), query.name


def test_variables_are_declared() -> None:
    """What a question names can be chosen at the head of its dashboard."""
    for dashboard in DASHBOARDS:
        declared = {variable.name for variable in dashboard.variables}
        for query in dashboard.queries:
            named = set(re.findall(r"\$(\w+)", query.text))
            assert {name for name in named if not name.startswith("__")} <= declared, query.name


def test_trades_are_never_read() -> None:
    """Months of them would be; what is told of them is in the ledger and in tickers."""
    for name, query in SQL.items():
        assert not re.search(r"\b(from|join)\s+trades\b", query.text), name


async def fact_tables(link: Link) -> tuple[str, ...]:
    """The tables that grow with time; their parts are called after them."""
    facts = [row["fact"] for row in await link.fetch("select fact from partitioning")]
    stored = [f"{row['name']}_stored" for row in await link.fetch("select name from rollups")]
    return (*facts, *stored)


def nodes(plan: Plan) -> list[Plan]:
    below = msgspec.convert(plan.get("Plans", []), list[Plan])
    return [plan, *(node for each in below for node in nodes(each))]


@pytest.mark.needs_real_server
@pytest.mark.parametrize("asked", [ASKED, LONG], ids=["hours", "months"])
async def test_every_question_is_served_by_an_index(
    filled: PostgresRepository, asked: Asked
) -> None:
    """No table that grows with time is read as a whole: each is entered by its key."""
    facts = await fact_tables(filled.link)
    entered = set()
    async with filled.link.borrow() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        for name, query in SQL.items():
            text = await connection.fetchval(f"explain (format json) {expanded(query.text, asked)}")
            ((plan,),) = (msgspec.json.decode(text, type=list[dict[str, Plan]]),)
            for node in nodes(plan["Plan"]):
                relation = str(node.get("Relation Name", ""))
                if relation.startswith(facts):
                    condition = node.get("Index Cond") or node.get("Recheck Cond")
                    assert condition, (name, node["Node Type"], relation)
                    entered.add(relation)
    assert len(entered) > 5


def box(panel: Mapping[str, object]) -> tuple[int, int, int, int]:
    place = msgspec.convert(panel["gridPos"], dict[str, int])
    return place["x"], place["y"], place["w"], place["h"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda each: each.name)
def test_panels_do_not_overlap(dashboard: Dashboard) -> None:
    """Each stands within the 24 columns, in a place of its own, under a number of its own."""
    panels = msgspec.convert(dashboard.to_json()["panels"], list[dict[str, object]])
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        x, y, width, height = box(panel)
        cells = {(x + i, y + j) for i in range(width) for j in range(height)}
        assert x + width <= 24
        assert not cells & taken
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_titles_say_what_is_shown() -> None:
    """Every panel has words on what its figures are, and no two of a dashboard the same title."""
    for dashboard in DASHBOARDS:
        titles = [panel.title for panel in dashboard.panels]
        assert len(set(titles)) == len(titles)
        assert all(panel.says.endswith(".") for panel in dashboard.panels)


def test_bands_are_those_that_are_computed() -> None:
    """Seven of each side; the second bid is of 2.5 bps, here as in the row."""
    text = sql("depth_now")
    assert len(re.findall(r"^ +\(\d+, ", text, re.MULTILINE)) == 14
    assert "    (2, 2.5, 'bid'),\n" in text
    assert "(array[r.bid_1bps, r.bid_2_5bps, r.bid_5bps" in text


def panel_of(title: str) -> Panel:
    (found,) = [panel for panel in PANELS if panel.title == title]
    return found


def test_floors_are_drawn_otherwise() -> None:
    """Dashed, by the end of their name."""
    for title in ("Depth by band", "Depth by band, mean over time"):
        (rule,) = panel_of(title).overrides
        assert rule["matcher"] == {"id": "byRegexp", "options": "/, at least$/"}
        assert panel_of(title).queries[0].text.count("', at least'") == 1


async def test_a_matrix_is_of_columns_that_there_are(filled: PostgresRepository) -> None:
    """Grafana finds rows, columns and figures by name; what is not there is null, not zero."""
    panel = panel_of("Per 8 hours, by symbol and exchange")
    ((name, options),) = (each.values() for each in panel.transformations)
    assert name == "groupingToMatrix"
    fields = msgspec.convert(options, dict[str, str])
    assert fields.pop("emptyValue") == "null"
    assert set(fields.values()) == set(await columns(filled, panel.queries[0]))
