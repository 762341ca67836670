"""``metrics``: the list and the rules, as files would have them."""

import json
from pathlib import Path

from tests.cli.program import Program

RULES = Path(__file__).parents[2] / "src/perps_stats/alerts/perps-stats.rules.yml"


def test_the_rules_are_printed_as_they_are(program: Program) -> None:
    """Ready to be put into a file."""
    done = program("metrics", "alerts")
    assert (done.code, done.err) == (0, "")
    assert done.out == RULES.read_text(encoding="utf-8")


def test_every_metric_is_listed(program: Program) -> None:
    """With its unit and its meaning."""
    done = program("metrics", "list", "--json")
    assert (done.code, done.err) == (0, "")
    listed = {each["metric"]: each for each in json.loads(done.out)["data"]}
    assert listed["perps_stats_spool_bytes"] == {
        "metric": "perps_stats_spool_bytes",
        "type": "gauge",
        "labels": [],
        "unit": "bytes",
        "meaning": "the spool on disk",
    }
    assert listed["perps_stats_open_gaps"]["labels"] == ["exchange", "channel", "cause"]
