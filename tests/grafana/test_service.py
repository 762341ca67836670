"""*Service* speaks of metrics that there are, with the labels they have."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from perps_stats.app.metrics import METRICS
from perps_stats.grafana.model import PROMETHEUS
from perps_stats.grafana.service import SERVICE

HISTOGRAM = ("bucket", "sum", "count")
OF_TARGETS = {"instance", "job", "le"}
DOCUMENTED = Path(__file__).parents[2] / "docs/metrics.md"
EXPRESSIONS = [
    query.text for panel in SERVICE.panels for query in panel.queries if query.source == PROMETHEUS
]


def labels_by_name() -> dict[str, set[str]]:
    """Of each series that ``/metrics`` has, a histogram's three among them."""
    known = {}
    for metric in METRICS:
        parts = [f"_{part}" for part in HISTOGRAM] if metric.kind == "histogram" else [""]
        known.update({f"{metric.full_name}{part}": set(metric.labels) for part in parts})
    return known


def documented() -> set[str]:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) ", DOCUMENTED.read_text("utf-8"), re.MULTILINE)
    return {
        f"{name}{part}"
        for name, kind in rows
        for part in ([f"_{each}" for each in HISTOGRAM] if kind == "histogram" else [""])
    }


def test_every_metric_is_documented() -> None:
    """docs/metrics.md has every name that a panel asks for."""
    named = {name for text in EXPRESSIONS for name in re.findall(r"\b\w+(?=\{)", text)}
    assert len(named) > 20
    assert named - documented() == set()


def test_labels_are_those_of_the_metric() -> None:
    """A selector or a sum by a label that a metric has not would be empty."""
    known = labels_by_name()
    for text in EXPRESSIONS:
        for name, selector in re.findall(r"(perps_stats_\w+)\{([^}]*)\}", text):
            used = set(re.findall(r"(\w+)=", selector)) - OF_TARGETS
            summed = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", text))))
            assert used | (summed - OF_TARGETS) <= known[name], text


def test_legends_are_labels_that_are_left() -> None:
    """What a sum leaves out cannot be in the name of a line."""
    for panel in SERVICE.panels:
        for query in panel.queries:
            kept = re.findall(r"by \(([^)]*)\)", query.text)
            for label in re.findall(r"\{\{(\w+)\}\}", query.legend or ""):
                assert not kept or label in re.findall(r"\w+", kept[0]), query.text


def test_counters_are_asked_for_their_growth() -> None:
    """Their value alone says when the process began."""
    for text in EXPRESSIONS:
        for name in re.findall(r"\w+_total(?=\{)", text):
            assert re.search(rf"(rate|increase)\({name}\{{", text), text


def test_prometheus_accepts_every_expression(tmp_path: Path) -> None:
    """By its own tool, each as a rule, with a window in place of Grafana's."""
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("there is no promtool: Debian has it in the package prometheus")
    rules = [
        f"  - record: r{number}\n    expr: >-\n      {text.replace('$__rate_interval', '5m')}\n"
        for number, text in enumerate(EXPRESSIONS)
    ]
    path = tmp_path / "rules.yml"
    path.write_text("groups:\n- name: panels\n  rules:\n" + "".join(rules))
    done = subprocess.run([tool, "check", "rules", path], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
