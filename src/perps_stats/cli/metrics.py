"""``metrics``: what ``/metrics`` tells, and the alert rules that go with it."""

import sys
from importlib.resources import files

import click

from perps_stats.cli.options import CONTEXT, output_options
from perps_stats.cli.output import Output, Printed, Record, Screen, show

FIELDS = ("metric", "type", "labels", "unit", "meaning")
RULES = "alerts/perps-stats.rules.yml"


@click.group(context_settings=CONTEXT)
def command() -> None:
    """What a running service tells Prometheus.

    `run` and `serve` answer /metrics on their port, `stream` on that of --metrics-port.
    """


@command.command("list", context_settings=CONTEXT)
@output_options
def list_metrics(*, as_json: bool, as_csv: bool, output: str | None) -> int:
    """Every metric, its unit and its meaning."""
    from perps_stats.app.metrics import METRICS  # noqa: PLC0415 --help must not wait for it

    records: list[Record] = [
        {
            "metric": told.full_name,
            "type": told.kind,
            "labels": list(told.labels),
            "unit": told.unit,
            "meaning": told.meaning,
        }
        for told in METRICS
    ]
    where = Output(as_json, as_csv, output)
    show(Printed(records=records, fields=FIELDS, screen=Screen(FIELDS)), where)
    return 0


@command.command(context_settings=CONTEXT)
def alerts() -> int:
    """Print alert rules for Prometheus: perps-stats metrics alerts > perps-stats.rules.yml"""
    sys.stdout.write((files("perps_stats") / RULES).read_text(encoding="utf-8"))
    return 0
