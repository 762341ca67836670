"""The web page: the files that the build put into the package, read once when the process starts.

What is asked for is looked up among their names, so that no path leads anywhere else.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type

from litestar import Response, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from perps_stats.api.formats.preferences import preferences
from perps_stats.api.probes import METHODS
from perps_stats.api.problems import Asked

DIRECTORY = "page"
INDEX = "index.html"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Best first: what the build compressed beforehand."""
NOT_BUILT = (
    b"The page is not built: `make page` builds it. The same numbers are at /api/v1/openapi.json\n"
)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
CHECKED = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"
"""Of files whose name tells their content."""


class File(Struct, frozen=True):
    """``bodies`` by content coding; ``identity`` is always there."""

    media_type: str
    tag: str
    bodies: Mapping[str, bytes]


def page_routes(built: Mapping[str, File] | None = None) -> list[HTTPRouteHandler]:
    """``/`` and ``/assets/…``. ``built``: by path below the page; else what the package has."""
    known = read_page() if built is None else built

    @route("/", http_method=METHODS)
    async def index(request: Asked) -> Response[bytes]:
        if INDEX not in known:
            return Response(NOT_BUILT, status_code=404, media_type="text/plain")
        return _answer(request, known[INDEX], CHECKED)

    @route("/assets/{name:str}", http_method=METHODS)
    async def asset(request: Asked) -> Response[bytes]:
        name = f"assets/{request.path_params['name']}"
        if name not in known:
            raise NotFoundException
        return _answer(request, known[name], FOR_EVER)

    return [index, asset]


@cache
def read_page() -> Mapping[str, File]:
    """By path below the page; empty where it was not built."""
    return dict(_read(files("perps_stats").joinpath(DIRECTORY)))


def _read(directory: Traversable) -> Iterator[tuple[str, File]]:
    for place in (directory, directory / "assets"):
        if not place.is_dir():
            continue
        found = {each.name: each for each in place.iterdir() if each.is_file()}
        prefix = "" if place is directory else "assets/"
        for name, each in found.items():
            if not name.endswith(tuple(ENCODINGS.values())):
                yield prefix + name, _file(each, found)


def _file(plain: Traversable, beside: Mapping[str, Traversable]) -> File:
    body = plain.read_bytes()
    packed = {
        coding: beside[plain.name + suffix].read_bytes()
        for coding, suffix in ENCODINGS.items()
        if plain.name + suffix in beside
    }
    return File(
        media_type=guess_type(plain.name)[0] or "application/octet-stream",
        tag=blake2b(body, digest_size=12).hexdigest(),
        bodies={**packed, "identity": body},
    )


def _answer(request: Asked, file: File, caching: str) -> Response[bytes]:
    accepted = preferences(request.headers.get("accept-encoding", ""))
    coding = next((each for each in file.bodies if accepted.get(each)), "identity")
    headers = {
        "Cache-Control": caching,
        "Content-Security-Policy": POLICY,
        "ETag": f'W/"{file.tag}"',
        "Vary": "Accept-Encoding",
    }
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, media_type=file.media_type, headers=headers)
    if coding != "identity":
        headers["Content-Encoding"] = coding
    return Response(file.bodies[coding], media_type=file.media_type, headers=headers)
