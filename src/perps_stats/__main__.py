"""The program's entry: help and version at once, everything else by the command's own module."""

import sys

from perps_stats.cli import COMMANDS, VERSION

USAGE = """perps-stats: perpetual-futures market data, exact and honest

Usage: perps-stats COMMAND [OPTIONS]
       perps-stats COMMAND --help

Commands:
{commands}

Exit codes: 0 ok, 1 failure, 2 usage, 3 configuration, 4 exchange or network, 5 database,
6 partial result, 130/143 ended by a signal. stdout carries data only; logs go to stderr.
Settings: flags > PERPS_STATS__SECTION__KEY > .env > perps-stats.toml > defaults; see them all
with `perps-stats config show`.
"""


def main() -> None:
    asked = sys.argv[1:]
    if not asked or asked[0] in {"-h", "--help"}:
        lines = (f"  {name:<11} {command.summary}" for name, command in COMMANDS.items())
        sys.stdout.write(USAGE.format(commands="\n".join(lines)))
    elif asked[0] in {"-V", "--version"}:
        sys.stdout.write(f"perps-stats {VERSION}\n")
    else:
        from perps_stats.cli.dispatch import dispatch  # noqa: PLC0415 help must not wait for it

        sys.exit(dispatch(asked))


if __name__ == "__main__":
    main()
