"""Finds a command, runs it, and turns every failure into one line and a documented exit code."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from perps_stats.cli import COMMANDS
from perps_stats.core.errors import BadInput, PerpsError, near_names

USAGE_ERROR = 2
UNEXPECTED = 1
INTERRUPTED = 130
REPORT = (
    "this is a defect of perps-stats; run it again with --debug to see where, and please report it"
)


def dispatch(asked: Sequence[str]) -> int:
    """The exit code. ``--debug`` anywhere lets an unexpected error show its traceback."""
    words = [word for word in asked if word != "--debug"]
    try:
        return _run(words)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        problem, code = explain(error)
        if code == UNEXPECTED and len(words) != len(asked):
            raise
        if problem:
            sys.stderr.write(f"perps-stats: {' '.join(problem.split())}\n")
        return code


def explain(error: BaseException) -> tuple[str, int]:
    """One line, or nothing to say, and the exit code."""
    match error:
        case BaseExceptionGroup():
            known, _ = error.split(PerpsError)
            return explain((known or error).exceptions[0])
        case click.exceptions.Exit():
            return "", error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return "", INTERRUPTED
        case click.ClickException():
            return error.format_message(), USAGE_ERROR
        case PerpsError():
            return str(error), error.exit_code
        case _:
            return f"{type(error).__name__}: {error}; {REPORT}", UNEXPECTED


def _run(words: Sequence[str]) -> int:
    name, rest = words[0], list(words[1:])
    if name not in COMMANDS:
        near = near_names(name, list(COMMANDS)) or list(COMMANDS)
        raise BadInput("command", name, f"use {', '.join(near)}")
    module = import_module(f"perps_stats.cli.{COMMANDS[name].module}")
    command: click.Command = module.command
    code = command.main(rest, prog_name=f"perps-stats {name}", standalone_mode=False)
    return code if isinstance(code, int) else 0
