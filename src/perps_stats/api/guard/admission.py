"""Who may ask what, decided from the head of a request: one decision for REST and the WebSocket."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil

from msgspec import Struct

from perps_stats.api.guard.keyring import Keyring
from perps_stats.api.guard.quota import Quota
from perps_stats.api.guard.refusals import (
    Headers,
    Received,
    Refusal,
    bad_key,
    bad_request,
    foreign_origin,
    keys_unknown,
    lacks,
    no_key,
    over_quota,
    starting,
)
from perps_stats.core.keys import Key, KeyScope

METRICS = "/metrics"
OPEN = frozenset({"/livez", "/readyz", "/", "/index.html", "/favicon.ico", "/favicon.svg"})
ASSETS = "/assets/"
"""The probes and the page are the same for everybody. What is not named here needs a key."""
UNKNOWN = "unknown"
BEARER = b"bearer "
SUBPROTOCOL = b"perps-stats.key."
"""Browsers can add no header to a WebSocket's handshake."""
WANTED = frozenset(
    {
        b"authorization",
        b"x-api-key",
        b"content-length",
        b"transfer-encoding",
        b"x-forwarded-for",
        b"forwarded",
        b"sec-websocket-protocol",
    }
)


class Rules(Struct, frozen=True, kw_only=True):
    """``is_public``: other machines reach us, and nobody said that they may read everything."""

    is_public: bool = False
    cors_origins: frozenset[bytes] = frozenset()
    trusted_proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    """Whose word counts on whom they ask for."""
    key_requests: int = 1200
    """A minute, of a key."""
    address_requests: int = 600
    """A minute, of an address that names no key."""


class Caller(Struct, frozen=True):
    """``name`` is that of a key or an address. ``told``: headers of its quota, where it has one,
    and whether nothing is left of that.
    """

    name: str
    key: Key | None = None
    told: Headers = ()
    is_used_up: bool = False


class Head:
    """What of a request's headers is asked for here. Most requests have nothing of it."""

    __slots__ = ("_fields",)

    def __init__(self, headers: Received) -> None:
        self._fields = [each for each in headers if each[0] in WANTED]

    def all(self, name: bytes) -> list[bytes]:
        return [value for each, value in self._fields if each == name]

    def keys(self) -> list[bytes]:
        """As they are written, each once."""
        found = dict.fromkeys(self.all(b"x-api-key"))
        for name, value in self._fields:
            if name == b"authorization" and value[: len(BEARER)].lower() == BEARER:
                found[value[len(BEARER) :].strip()] = None
            elif name == b"sec-websocket-protocol":
                offers = (offer.strip() for offer in value.split(b","))
                named = [offer for offer in offers if offer.startswith(SUBPROTOCOL)]
                found |= dict.fromkeys(offer.removeprefix(SUBPROTOCOL) for offer in named)
        return list(found)

    def has_body(self) -> bool:
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self._fields
        )

    def forwarded_for(self) -> list[str]:
        """Nearest first."""
        if not self._fields:
            return []
        if self.all(b"forwarded"):
            return [UNKNOWN]
        said = b",".join(self.all(b"x-forwarded-for")).decode("latin-1")
        return [part.strip() for part in reversed(said.split(",")) if part.strip()]


class Admission:
    def __init__(self, keyring: Keyring, rules: Rules, seconds: Callable[[], float]) -> None:
        self.keyring = keyring
        self.rules = rules
        self._of_keys = Quota("key", rules.key_requests, seconds)
        self._of_addresses = Quota("address", rules.address_requests, seconds)

    def may_ask(
        self, method: str, path: str, headers: Received, peer: str | None
    ) -> Caller | Refusal:
        """Of a request for a path. ``peer``: the address of the other end."""
        head = Head(headers)
        if head.has_body() and method in {"GET", "HEAD", "OPTIONS"}:
            return bad_request(f"{method} takes no body")
        address = self.address_of(head, peer)
        if path in OPEN or path.startswith(ASSETS):
            return self._counted(address)
        if path == METRICS and is_loopback(address):
            return Caller(address)
        return self._known(head, address, KeyScope.READ)

    def may_stream(self, headers: Received, peer: str | None) -> Caller | Refusal:
        """Of a WebSocket's handshake. A page of another origin must be named in the settings."""
        listed = list(headers)
        hosts = [value for name, value in listed if name == b"host"]
        for name, origin in listed:
            own = origin.partition(b"://")[2] in hosts
            if name == b"origin" and not own and origin not in self.rules.cors_origins:
                return foreign_origin(origin)
        head = Head(listed)
        return self._known(head, self.address_of(head, peer), KeyScope.STREAM)

    def is_still_welcome(self, caller: Caller) -> bool:
        """Of one who was let in: whether its key is valid still, and none is needed without."""
        if caller.key is None:
            return not self.needs_key
        return self.keyring.is_valid(caller.key.id)

    @property
    def needs_key(self) -> bool:
        return self.rules.is_public or self.keyring.holds_any

    def address_of(self, head: Head, peer: str | None) -> str:
        """Through proxies that are trusted: the nearest address which is none of them."""
        trusted = self.rules.trusted_proxies
        if peer not in trusted:
            return peer or UNKNOWN
        asked_for = head.forwarded_for()
        if not asked_for:
            return peer
        return next((each for each in asked_for if each not in trusted), UNKNOWN)

    def _known(self, head: Head, address: str, scope: KeyScope) -> Caller | Refusal:
        if not self.keyring.is_read:
            return starting()
        if not self.needs_key:
            return self._counted(address)
        found = self._key_of(head)
        if isinstance(found, Refusal):
            counted = self._counted(address)
            return counted if isinstance(counted, Refusal) else found
        if scope not in found.scopes:
            return lacks(scope)
        return self._within(self._of_keys, f"key {found.id}", found)

    def _key_of(self, head: Head) -> Key | Refusal:
        written = head.keys()
        if not written:
            return no_key()
        if len(written) > 1:
            return bad_request("several keys were given; give one")
        key = self.keyring.find(written[0])
        if self.keyring.is_stale and (isinstance(key, str) or not self.keyring.is_given(key)):
            return keys_unknown()
        return bad_key(key) if isinstance(key, str) else key

    def _counted(self, address: str) -> Caller | Refusal:
        """By its address. Who sits at this machine, where no keys are asked for, is not counted."""
        if is_loopback(address) and not self.needs_key:
            return Caller(address)
        return self._within(self._of_addresses, network_of(address), None)

    def _within(self, quota: Quota, name: str, key: Key | None) -> Caller | Refusal:
        standing = quota.take(name)
        if standing.wait:
            return over_quota(max(1, ceil(standing.wait)), quota.told(standing))
        return Caller(name, key, quota.told(standing), standing.left == 0)


@lru_cache(maxsize=4096)
def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Whose quota it uses: of IPv6 one customer has at least 64 bits for himself."""
    try:
        known = ip_address(address)
    except ValueError:
        return UNKNOWN
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Address(int(known) >> 64 << 64))


def origins(names: Iterable[str]) -> frozenset[bytes]:
    """As browsers write them."""
    return frozenset(name.rstrip("/").lower().encode() for name in names)
