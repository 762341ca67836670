"""Whether the program's command line takes words, without doing what they say."""

from collections.abc import Sequence
from importlib import import_module

import click

from perps_stats.cli import COMMANDS


def accepted(words: Sequence[str]) -> click.Context:
    """The innermost context. Raises ``click.UsageError`` for what would exit with 2."""
    name, *rest = words
    command: click.Command = import_module(f"perps_stats.cli.{COMMANDS[name].module}").command
    context = command.make_context(name, rest)
    while isinstance(command, click.Group):
        _, inner, rest = command.resolve_command(context, context._protected_args + context.args)
        assert inner is not None
        command, context = inner, inner.make_context(inner.name, rest, parent=context)
    return context
