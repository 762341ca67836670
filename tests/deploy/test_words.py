"""The check of command lines finds what the program would refuse."""

import click
import pytest

from .words import accepted


def test_words_are_parsed_by_the_program_itself() -> None:
    """Options of a command, and of a command within one."""
    assert accepted(["run", "--host", "0.0.0.0"]).params["host"] == "0.0.0.0"  # noqa: S104
    assert accepted(["grafana", "export", "x", "--user=y"]).params["user"] == "y"
    for wrong in (["run", "--hots", "x"], ["grafana", "export"], ["grafana", "exprot", "x"]):
        with pytest.raises(click.UsageError):
            accepted(wrong)
