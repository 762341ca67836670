"""The program's entry: help and version at once, everything else by the command's own module."""

import sys

from perps_stats.cli import COMMANDS, DEBUG, VERSION

USAGE = """perps-stats: perpetual-futures market data, exact and honest

Usage: perps-stats COMMAND [OPTIONS]
       perps-stats COMMAND --help

Commands:
{commands}

Everywhere: {debug} shows the traceback of an unexpected error.
Exit codes: 0 ok, 1 failure, 2 usage, 3 configuration, 4 exchange or network, 5 database,
6 partial result, 7 gaps or differences found, 130/143 ended by a signal. stdout carries data
only; logs go to stderr.
Settings: flags > PERPS_STATS__SECTION__KEY > .env > perps-stats.toml > defaults; see them all
with `perps-stats config show`.
"""
INTERRUPTED = 130


def main() -> None:
    words = sys.argv[1:]
    asked = [word for word in words if word != DEBUG]
    try:
        sys.exit(_run(asked, debug=len(asked) < len(words)))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run(asked: list[str], *, debug: bool) -> int:
    if not asked or asked[0] in {"-h", "--help"}:
        return _say(usage())
    if asked[0] in {"-V", "--version"}:
        return _say(f"perps-stats {VERSION}\n")
    from perps_stats.cli.dispatch import dispatch  # noqa: PLC0415 help must not wait for it

    return dispatch(asked, debug=debug)


def usage() -> str:
    lines = (f"  {name:<11} {command.summary}" for name, command in COMMANDS.items())
    return USAGE.format(commands="\n".join(lines), debug=DEBUG)


def _say(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None
    return 0


if __name__ == "__main__":
    main()
