"""A picture in a file: PNG, SVG, or HTML that shows exact values where it is pointed at."""

import json
from collections.abc import Sequence
from pathlib import Path

from perps_stats.cli.charts.figure import Figure
from perps_stats.cli.charts.vega import spec
from perps_stats.core.errors import ConfigError, Unwritable

SHARPNESS = 2
"""Pixels of a PNG for each of the picture's."""
LESS = "\ue000"
"""Stands for ``<`` until the page is made, so that no name of an exchange can end its script."""
MISSING = "charts need libraries that are not here; install them: pip install 'perps-stats[charts]'"


def save(figure: Figure, known: Sequence[str], path: Path, size: tuple[int, int]) -> None:
    """The form goes by the ending of the name. Raises ``ConfigError`` and ``Unwritable``."""
    content = render(spec(figure, known, *size), path.suffix.removeprefix(".").lower())
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unwritable(f"{path} cannot be written: {error.strerror}") from error


def render(what: dict[str, object], form: str) -> bytes:
    """PNG, SVG, else HTML. A page holds all it needs and loads nothing."""
    try:
        import vl_convert  # noqa: PLC0415 an extra of the package
    except ImportError as error:
        raise ConfigError(MISSING) from error
    match form:
        case "png":
            return vl_convert.vegalite_to_png(what, scale=SHARPNESS, allowed_base_urls=[])
        case "svg":
            return vl_convert.vegalite_to_svg(what, allowed_base_urls=[]).encode()
        case _:
            text = json.dumps(what).replace("<", LESS)
            page = vl_convert.vegalite_to_html(text, bundle=True, renderer="svg")
            return page.replace(LESS, r"\u003c").encode()
