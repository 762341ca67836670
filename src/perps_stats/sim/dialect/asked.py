"""A REST request as a question sees it, and how a venue says no."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

BAD_REQUEST = 400
LONGEST_NUMBER = 20


class Refusal(Exception):  # it is an answer
    """The venue's own code and words, with an HTTP status: 200 where it hides them in a success."""

    def __init__(self, code: int | str, message: str, status: int = BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Flaw(StrEnum):
    MISSING = "missing"
    MALFORMED = "malformed"
    OUT_OF_RANGE = "out of range"


class BadParameter(Exception):
    """Each venue words it: ``Words.flawed``."""

    def __init__(self, name: str, flaw: Flaw) -> None:
        super().__init__(f"{name} is {flaw}")
        self.name = name
        self.flaw = flaw


class Asked(Struct, frozen=True):
    """``parts`` are the parameters within the path. What is bad raises ``BadParameter``.

    ``host`` is the venue's own address, for an answer that names it.
    """

    host: str
    path: str
    query: Mapping[str, str]
    parts: Mapping[str, str]
    body: bytes = b""

    def text(self, name: str) -> str | None:
        return self.query.get(name) or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise BadParameter(name, Flaw.MISSING)
        return value

    def whole(self, name: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
            raise BadParameter(name, Flaw.MALFORMED)
        return int(text)

    def required_whole(self, name: str) -> int:
        number = self.whole(name)
        if number is None:
            raise BadParameter(name, Flaw.MISSING)
        return number

    def limit(self, default: int, most: int, name: str = "limit") -> int:
        """Within 1 and ``most``."""
        limit = self.whole(name)
        if limit is None:
            return default
        if not 1 <= limit <= most:
            raise BadParameter(name, Flaw.OUT_OF_RANGE)
        return limit
