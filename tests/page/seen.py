"""What the page shows, as it shows it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from playwright.sync_api import Page


class Figure(NamedTuple):
    """``exact`` is empty where it is unknown; ``time`` is the source's, in milliseconds."""

    text: str
    exact: str
    time: int | None


def figures(page: Page, among: str = "main") -> dict[str, Figure]:
    """By ``exchange/symbol name``, all at one moment."""
    found = page.evaluate(
        """(among) => [...document.querySelectorAll(`${among} td[data-name] .figure`)].map(
            (one) => [
                `${one.closest('[data-market]').dataset.market} ${one.closest('td').dataset.name}`,
                one.textContent, one.dataset.exact, one.dataset.time])""",
        among,
    )
    return {
        name: Figure(text, exact, int(float(time)) if time else None)
        for name, text, exact, time in found
    }


def milliseconds(row: dict[str, object]) -> int | None:
    text = row["timestamp"]
    if text is None:
        return None
    time = datetime.fromisoformat(str(text)).astimezone(UTC)
    return round(time.timestamp() * 1000)


def both_sides(row: dict[str, object], band: str) -> str:
    """Depth within a band, as exact text."""
    return f"{Decimal(str(row[f'bid_{band}bps'])) + Decimal(str(row[f'ask_{band}bps'])):f}"
