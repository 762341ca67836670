"""``grafana``: dashboards and provisioning for those who run Grafana."""

import sys
from pathlib import Path

import click

from perps_stats.cli.options import CONTEXT

SSL_MODES = ("disable", "require", "verify-ca", "verify-full")


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Dashboards and provisioning for those who run Grafana."""


@command.command(context_settings=CONTEXT)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--postgres", metavar="HOST:PORT", default="localhost:5432", show_default=True,
    help="The database as Grafana reaches it; a directory: its socket.",
)  # fmt: skip
@click.option(
    "--database", metavar="NAME", default="perps_stats", show_default=True, help="Its name."
)
@click.option(
    "--user", metavar="NAME", default="perps_stats_grafana", show_default=True,
    help="A role that can only read.",
)  # fmt: skip
@click.option(
    "--password-file", metavar="FILE",
    help="Where Grafana finds its password.  [default: its variable PERPS_STATS_GRAFANA_PASSWORD]",
)  # fmt: skip
@click.option(
    "--sslmode", type=click.Choice(SSL_MODES), default="disable", show_default=True,
    help="verify-full where the database is on another machine.",
)  # fmt: skip
@click.option(
    "--prometheus", metavar="URL", default="http://localhost:9090", show_default=True,
    help="Prometheus as Grafana reaches it.",
)  # fmt: skip
@click.option(
    "--dashboards-at", metavar="DIR",
    help="The directory `dashboards` as Grafana sees it, where that is another name.",
)  # fmt: skip
def export(
    *,
    directory: Path,
    postgres: str,
    database: str,
    user: str,
    password_file: str | None,
    sslmode: str,
    prometheus: str,
    dashboards_at: str | None,
) -> int:
    """Write dashboards and provisioning into DIR, and print the names of the files.

    DIR/provisioning belongs into Grafana's own (or is it: GF_PATHS_PROVISIONING=DIR/provisioning).
    No password is written. What is there under the same names is written anew.
    """
    import perps_stats.grafana as dashboards  # noqa: PLC0415 --help must not wait for it

    sources = dashboards.Sources(
        postgres=postgres,
        database=database,
        user=user,
        sslmode=sslmode,
        password_file=password_file,
        prometheus=prometheus,
    )
    for path in dashboards.export(directory, sources, dashboards_at):
        sys.stdout.write(f"{path}\n")
    return 0
