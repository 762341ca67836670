"""What the documents name is there: commands with their options, paths, parameters, files."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest
from docs.reference.openapi import todays_document

from perps_stats.api.filters import UnknownParameter, read_filters
from perps_stats.api.openapi import PREFIX
from perps_stats.api.resources import RESOURCES
from perps_stats.cli import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ENDS = re.compile(r"\s*(?:\||>|2>|;|&&)")
"""Of a command within a line."""
NOW = datetime(2026, 3, 1, tzinfo=UTC)
WRONG = "intervall"
"""The parameter that the guide shows refused."""


def named(what: str) -> Iterator[str]:
    for document in DOCUMENTS:
        yield from re.findall(what, document.read_text(encoding="utf-8").replace("\\\n", ""))


def commands() -> list[str]:
    lines = named(r"(?m)^(?:\$ )?(perps-stats [a-z].*)$")
    return sorted({ENDS.split(line)[0] for line in lines})


def urls() -> list[str]:
    return sorted(set(named(r"http[^\s'\"]+?(/api/v1/[^\s'\"`]+)")))


def parse(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """As far as to run it: raises ``click.UsageError`` for what it does not take."""
    if isinstance(command, click.Group):
        within = click.Context(command, parent)
        _, found, rest = command.resolve_command(within, words)
        assert found is not None
        parse(found, rest, within)
    else:
        command.make_context(command.name, words, parent)


@pytest.mark.parametrize("line", commands())
def test_every_command_is_one(line: str) -> None:
    """With its options and their values."""
    _, name, *words = shlex.split(line)
    module = import_module(f"perps_stats.cli.{COMMANDS[name].module}")
    parse(module.command, words)


def test_a_command_that_is_none_is_found() -> None:
    """So that the test above can fail."""
    module = import_module("perps_stats.cli.gaps")
    with pytest.raises(click.UsageError):
        parse(module.command, ["--symbol", "BTC", "--no-such"])


@pytest.mark.parametrize("url", urls())
def test_every_path_takes_its_parameters(url: str) -> None:
    """As they stand there, but for the one that is shown refused."""
    parts = urlsplit(url)
    known = {f"{PREFIX}/{each.path}": each for each in RESOURCES}
    if WRONG in parts.query:
        with pytest.raises(UnknownParameter):
            read_filters(parts.query.encode(), known[parts.path].parameters, NOW)
    elif parts.path in known:
        read_filters(parts.query.encode(), known[parts.path].parameters, NOW)
    else:
        assert parts.path in todays_document().paths
        assert parts.query == ""


def test_it_names_many() -> None:
    """The tests above have something to look at."""
    assert len(commands()) > 15
    assert len(urls()) > 5


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    """To a file, and within it to a heading."""
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        if not urlsplit(link).scheme:
            target = (document.parent / path) if path else document
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def anchors(document: Path) -> set[str]:
    """As Markdown readers make them of headings."""
    heads = re.findall(r"(?m)^#+ (.*)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
