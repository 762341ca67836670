"""An answer as a response: in its form, tagged, packed, its meta in a header without envelope."""

import asyncio
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from litestar import Response
from msgspec import structs

from perps_stats.api.formats.forms import Form, chosen_form
from perps_stats.api.formats.packing import packed
from perps_stats.api.problems import Asked
from perps_stats.api.records import Answer

META = "Perps-Stats-Meta"
"""What an envelope says in ``meta``, for forms without one."""
VARY = "Accept, Accept-Encoding"
PLACES = ("cursor", "offset")
"""The parameters that say where a page begins."""
SAFE = "%/?:@!$&'()*+,;=-._~"
TAG_DIGITS = 24
SLOW_BYTES = 1 << 16
"""What is longer is packed or tabled beside the loop, which has others to answer."""


def form_of(request: Asked, asked: str | None) -> Form:
    """Raises ``NotAcceptable``."""
    return chosen_form(asked, _said(request, "accept"))


async def reply(request: Asked, answer: Answer, form: Form) -> Response[bytes]:
    """The tag is of what is said, not of when: an unchanged answer need not be sent again."""
    headers = _headers(request, answer, form)
    if headers["ETag"].removeprefix("W/") in _said(request, "if-none-match"):
        status = HTTPStatus.NOT_MODIFIED
        return Response(b"", status_code=status, media_type=form.content_type, headers=headers)
    accepted = "" if form.packed else _said(request, "accept-encoding")
    if len(answer.lines) > SLOW_BYTES and (accepted or not form.enveloped):
        body, packing = await asyncio.to_thread(_body, answer, form, accepted)
    else:
        body, packing = _body(answer, form, accepted)
    if packing is not None:
        headers["Content-Encoding"] = packing
    return Response(body, media_type=form.content_type, headers=headers)


def _body(answer: Answer, form: Form, accepted: str) -> tuple[bytes, str | None]:
    return packed(form.write(answer), accepted)


def _headers(request: Asked, answer: Answer, form: Form) -> dict[str, str]:
    headers = {"ETag": _tag(answer, form), "Cache-Control": "no-cache", "Vary": VARY}
    if not form.enveloped:
        headers[META] = msgspec.json.encode(answer.meta).decode("ascii")
    if answer.meta.next is not None:
        headers["Link"] = f'<{_next(request, answer.meta.next)}>; rel="next"'
    return headers


def _tag(answer: Answer, form: Form) -> str:
    said = sha256(answer.lines)  # what processors have instructions for
    said.update(msgspec.json.encode(structs.replace(answer.meta, served_at="")))
    said.update(form.name.encode())
    return f'W/"{said.hexdigest()[:TAG_DIGITS]}"'


def _next(request: Asked, cursor: str) -> str:
    """The same question, of the page that follows."""
    asked = request.scope["query_string"].decode("ascii", "replace").split("&")
    kept = [each for each in asked if each and each.partition("=")[0] not in PLACES]
    return quote(f"{request.scope['path']}?{'&'.join([*kept, f'cursor={cursor}'])}", safe=SAFE)


def _said(request: Asked, name: str) -> str:
    return ",".join(request.headers.getall(name, []))
