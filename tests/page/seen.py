"""What the page shows, as it shows it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from playwright.sync_api import Page

NAMED = """const named = (one) => {
    const market = one.closest('[data-market]').dataset.market
    return [`${market} ${one.closest('td').dataset.name}`, one.dataset.exact, one.dataset.time]
}
const all = () => [...document.querySelectorAll('main td[data-name] .figure')].map(named)"""
RECORD = """() => {
    const seen = new Set()
    const note = () => all().forEach((one) => seen.add(JSON.stringify(one)))
    const what = { subtree: true, childList: true, attributes: true }
    new MutationObserver(note).observe(document.querySelector('main'), what)
    note()
    window.seen = () => [...seen].map((one) => JSON.parse(one))
}"""


class Figure(NamedTuple):
    """``exact`` is empty where it is unknown; ``time`` is the source's, in milliseconds."""

    exact: str
    time: int | None


Named: TypeAlias = tuple[str, Figure]
"""``exchange/symbol name``, and the figure."""


def figures(page: Page) -> dict[str, Figure]:
    """All at one moment."""
    return dict(read(page.evaluate(f"() => {{ {NAMED}; return all() }}")))


def recorded(page: Page) -> Callable[[], set[Named]]:
    """All that is shown from now on, however shortly."""
    page.evaluate(f"() => {{ {NAMED}; ({RECORD})() }}")
    return lambda: set(read(page.evaluate("() => window.seen()")))


def read(found: Iterable[tuple[str, str, str]]) -> Iterator[Named]:
    for name, exact, time in found:
        yield name, Figure(exact, int(float(time)) if time else None)


def milliseconds(row: dict[str, object]) -> int | None:
    text = row["timestamp"]
    if text is None:
        return None
    time = datetime.fromisoformat(str(text)).astimezone(UTC)
    return round(time.timestamp() * 1000)


def both_sides(row: dict[str, object], band: str) -> str:
    """Depth within a band, as exact text; empty where one is unknown."""
    if None in (row[f"bid_{band}bps"], row[f"ask_{band}bps"]):
        return ""
    return f"{Decimal(str(row[f'bid_{band}bps'])) + Decimal(str(row[f'ask_{band}bps'])):f}"
