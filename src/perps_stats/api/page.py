"""The web page: the files that the build put into the package, read once when the process starts.

What is asked for is looked up among their names, so that no path leads anywhere else.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from mimetypes import guess_type

from litestar import Response, route
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from perps_stats.api.constant import Constant, constant
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
OWN = {"Content-Security-Policy": POLICY}
FOR_EVER = "public, max-age=31536000, immutable"
"""Of files whose name tells their content."""


def page_routes(built: Mapping[str, Constant] | None = None) -> list[HTTPRouteHandler]:
    """``/`` and ``/assets/…``. ``built``: by path below the page; else what the package has."""
    known = read_page() if built is None else built

    @route("/", http_method=METHODS)
    async def index(request: Asked) -> Response[bytes]:
        if INDEX not in known:
            return Response(NOT_BUILT, status_code=404, media_type="text/plain")
        return known[INDEX].answer(request, headers=OWN)

    @route("/assets/{name:str}", http_method=METHODS)
    async def asset(request: Asked) -> Response[bytes]:
        name = f"assets/{request.path_params['name']}"
        if name not in known:
            raise NotFoundException
        return known[name].answer(request, FOR_EVER, OWN)

    return [index, asset]


@cache
def read_page() -> Mapping[str, Constant]:
    """By path below the page; empty where it was not built."""
    return dict(_read(files("perps_stats").joinpath(DIRECTORY)))


def _read(directory: Traversable) -> Iterator[tuple[str, Constant]]:
    for place in (directory, directory / "assets"):
        if not place.is_dir():
            continue
        found = {each.name: each for each in place.iterdir() if each.is_file()}
        prefix = "" if place is directory else "assets/"
        for name, each in found.items():
            if not name.endswith(tuple(ENCODINGS.values())):
                yield prefix + name, _file(each, found)


def _file(plain: Traversable, beside: Mapping[str, Traversable]) -> Constant:
    packed = {
        coding: beside[plain.name + suffix].read_bytes()
        for coding, suffix in ENCODINGS.items()
        if plain.name + suffix in beside
    }
    media_type = guess_type(plain.name)[0] or "application/octet-stream"
    return constant(media_type, plain.read_bytes(), packed)
