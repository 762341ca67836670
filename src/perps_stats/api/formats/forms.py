"""The forms of an answer by name and media type, and which of them a question wants."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TypeAlias

from msgspec import Struct

from perps_stats.api.filters import NotAcceptable
from perps_stats.api.formats.preferences import preferences, quality_of_type
from perps_stats.api.formats.text import to_csv, to_json, to_ndjson
from perps_stats.api.records import Answer

Write: TypeAlias = Callable[[Answer], bytes]
INSTALL = "it needs pyarrow on the server: pip install 'perps-stats[files]'"


class Form(Struct, frozen=True, kw_only=True):
    """``enveloped``: the body itself says what the answer says of itself. ``needs`` a library. The
    server adds to the ``parameters`` of what is text that it is UTF-8.
    """

    name: str
    media_type: str
    write: Write
    parameters: str = ""
    enveloped: bool = False
    packed: bool = False
    """Whether it is as small as it gets."""
    needs: str | None = None

    @property
    def content_type(self) -> str:
        return f"{self.media_type}{self.parameters}"

    @property
    def is_missing(self) -> bool:
        return self.needs is not None and not is_installed(self.needs)


@cache
def is_installed(library: str) -> bool:
    return find_spec(library) is not None


def _to_stream(answer: Answer) -> bytes:
    from perps_stats.api.formats.arrow import to_stream  # noqa: PLC0415  an extra

    return to_stream(answer)


def _to_parquet(answer: Answer) -> bytes:
    from perps_stats.api.formats.arrow import to_parquet  # noqa: PLC0415  an extra

    return to_parquet(answer)


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form(name="json", media_type="application/json", write=to_json, enveloped=True),
        Form(name="ndjson", media_type="application/x-ndjson", write=to_ndjson),
        Form(name="csv", media_type="text/csv", write=to_csv, parameters="; header=present"),
        Form(
            name="parquet",
            media_type="application/vnd.apache.parquet",
            write=_to_parquet,
            packed=True,
            needs="pyarrow",
        ),
        Form(
            name="arrow",
            media_type="application/vnd.apache.arrow.stream",
            write=_to_stream,
            needs="pyarrow",
        ),
    )
}
"""Where several are liked alike, the first is taken."""


def chosen_form(asked: str | None, accept: str) -> Form:
    """``asked`` by its name, else the one that ``Accept`` likes best. Raises ``NotAcceptable``."""
    preferred = preferences(accept) or {"*/*": 1.0}
    quality = {each: quality_of_type(form.media_type, preferred) for each, form in FORMS.items()}
    if asked is None:
        present = [each for each, form in FORMS.items() if not form.is_missing]
        best = FORMS[max(present, key=quality.__getitem__)]
        if not quality[best.name]:
            raise NotAcceptable("Accept", accept, _remedy(quality))
        return best
    form = FORMS[asked]
    if not quality[asked]:
        remedy = f"the Accept header does not take {form.media_type}; leave one of the two out"
        raise NotAcceptable("format", asked, remedy)
    if form.is_missing:
        raise NotAcceptable("format", asked, INSTALL)
    return form


def _remedy(quality: dict[str, float]) -> str:
    """Of what is liked and cannot be made, what it takes; else what there is."""
    if any(quality.values()):
        return INSTALL
    return f"use {', '.join(form.media_type for form in FORMS.values())}"
