"""Answers that stay the same as long as the process lives: packed once, and not sent twice."""

from collections.abc import Mapping
from hashlib import blake2b

from litestar import Response
from msgspec import Struct

from perps_stats.api.formats.preferences import preferences
from perps_stats.api.problems import Asked

PLAIN = "identity"
CHECKED = "no-cache"
"""It may be kept, and is asked for all the same: another release says something else."""


class Constant(Struct, frozen=True):
    """``bodies`` by content coding, the best first; ``identity`` is always there."""

    media_type: str
    tag: str
    bodies: Mapping[str, bytes]

    def answer(
        self, request: Asked, caching: str = CHECKED, headers: Mapping[str, str] | None = None
    ) -> Response[bytes]:
        """In the best coding that is accepted. The tag is of these very bytes."""
        accepted = preferences(_said(request, "accept-encoding"))
        coding = next((each for each in self.bodies if accepted.get(each)), PLAIN)
        is_plain = coding == PLAIN
        tag = f'"{self.tag}"' if is_plain else f'"{self.tag}-{coding}"'
        told = {"Cache-Control": caching, "ETag": tag, "Vary": "Accept-Encoding", **(headers or {})}
        if _has(request, tag):
            return Response(b"", status_code=304, media_type=self.media_type, headers=told)
        if not is_plain:
            told["Content-Encoding"] = coding
        return Response(self.bodies[coding], media_type=self.media_type, headers=told)


def constant(media_type: str, body: bytes, packed: Mapping[str, bytes]) -> Constant:
    """``packed`` by content coding, the best first."""
    tag = blake2b(body, digest_size=12).hexdigest()
    return Constant(media_type, tag, {**packed, PLAIN: body})


def _has(request: Asked, tag: str) -> bool:
    """Whether the one who asks has it already (RFC 9110, 13.1.2)."""
    known = {each.strip().removeprefix("W/") for each in _said(request, "if-none-match").split(",")}
    return tag in known or "*" in known


def _said(request: Asked, name: str) -> str:
    return ",".join(request.headers.getall(name, []))
