"""How far an export or import is, on a terminal and elsewhere."""

import io

from rich.console import Console

from perps_stats.cli.row_progress import LINE_SECONDS, line, rows_shown


def shown(*moments: tuple[float, int], terminal: bool) -> str:
    """What is on the screen after these seconds and rows of a thousand."""
    times = iter([0.0, *(seconds for seconds, _ in moments)])
    screen = Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)
    with rows_shown("a.csv", screen, lambda: next(times)) as tell:
        for _, rows in moments:
            tell(rows, 1000)
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue()


def test_elsewhere_a_line_comes_every_few_seconds() -> None:
    """Not more: a log is read by people."""
    told = shown(
        (LINE_SECONDS - 1, 10), (LINE_SECONDS, 250), (LINE_SECONDS + 1, 300), terminal=False
    )
    assert told == "perps-stats: a.csv: 25%, 250 of 1,000 rows, 50/s, 15 s left\n"


def test_on_a_terminal_there_is_a_bar() -> None:
    """With rows, rate and share."""
    told = shown((2.0, 500), terminal=True)
    assert "500 rows, 250/s" in told
    assert " 50%" in told


def test_a_line_says_how_much_is_left() -> None:
    """At the pace so far; before the first row nobody knows."""
    assert line("a", 0, 100, 2.0) == "a: 0%, 0 of 100 rows, 0/s"
    assert line("a", 20, 100, 2.0) == "a: 20%, 20 of 100 rows, 10/s, 8 s left"
    assert line("a", 100, 100, 2.0) == "a: 100%, 100 of 100 rows, 50/s"
