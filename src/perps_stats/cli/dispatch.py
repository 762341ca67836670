"""Finds a command, runs it, and turns every failure into one line and a documented exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

import click

from perps_stats.cli import COMMANDS, DEBUG
from perps_stats.core.errors import BadInput, PerpsError, near_names

UNEXPECTED = 1
USAGE_ERROR = 2
INTERRUPTED = 130
TERMINATED = 143
REPORT = (
    f"this is a defect of perps-stats: run it again with {DEBUG} to see where, and please report it"
)


def dispatch(words: Sequence[str], *, debug: bool) -> int:
    """The exit code. With ``debug`` an unexpected error shows its traceback."""
    terminated: list[int] = []

    def on_terminate(number: int, _frame: FrameType | None) -> None:
        """Unwinds as Ctrl-C does, which asyncio knows how to."""
        terminated.append(number)
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, on_terminate)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read had enough. The interpreter flushes once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:
        problem, code = explain(error)
        if code == UNEXPECTED and debug:
            raise
        if problem:
            sys.stderr.write(f"perps-stats: {' '.join(problem.split())}\n")
        if code == INTERRUPTED and terminated:
            return TERMINATED
    return code


def explain(error: BaseException) -> tuple[str, int]:
    """One line, or nothing to say, and the exit code."""
    error = _root(error)
    if isinstance(error, PerpsError):
        return str(error), error.exit_code
    if isinstance(error, click.UsageError):
        return _usage_problem(error), USAGE_ERROR
    code = _end(error)
    if code is not None:
        return "", code
    return f"{type(error).__name__}: {error}; {REPORT}", UNEXPECTED


def _root(error: BaseException) -> BaseException:
    """Of several that happened together, the first that we know."""
    match error:
        case BaseExceptionGroup():
            known, _ = error.split(PerpsError)
            return _root((known or error).exceptions[0])
        case _:
            return error


def _end(error: BaseException) -> int | None:
    """The exit code of an end that needs no words."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else UNEXPECTED
        case click.Abort() | KeyboardInterrupt():
            return INTERRUPTED
        case _:
            return None


def _usage_problem(error: click.UsageError) -> str:
    """What is wrong, and where to read how it is right."""
    if error.ctx is None:
        return error.format_message()
    problem = error.format_message().rstrip(".")
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        problem = "a command is missing"
    if isinstance(error.ctx.command, click.Group):
        problem += f"; use {', '.join(error.ctx.command.list_commands(error.ctx))}"
    return f"{problem}; see `{error.ctx.command_path} --help`"


def _run(words: Sequence[str]) -> int:
    name, rest = words[0], list(words[1:])
    if name not in COMMANDS:
        near = near_names(name, list(COMMANDS)) or list(COMMANDS)
        raise BadInput("command", name, f"use {', '.join(near)}")
    module = import_module(f"perps_stats.cli.{COMMANDS[name].module}")
    command: click.Command = module.command
    with command.make_context(f"perps-stats {name}", rest) as context:
        code = command.invoke(context)
    return code if isinstance(code, int) else 0
