"""What ``Accept`` and ``Accept-Encoding`` prefer: names with a quality from 0 to 1."""

import re

QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE | re.ASCII)
WHOLE = 1.0


def preferences(header: str) -> dict[str, float]:
    """By name in lower case, in the header's order. What is malformed counts as if not said."""
    found: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = part.split(";")
        qualities = [match[1] for each in parameters if (match := QUALITY.fullmatch(each))]
        if name.strip():
            found[name.strip()] = float(qualities[0]) if qualities else WHOLE
    return found


def quality_of_type(media_type: str, preferred: dict[str, float]) -> float:
    """That of the range which says most of it: ``text/csv``, ``text/*``, ``*/*``."""
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((preferred[each] for each in ranges if each in preferred), 0.0)
