"""The last value of each market: what the process knows now, and what is stored of the others."""

import asyncio
from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, structs

from perps_stats.api.fast.fresh import LISTED_SECONDS, STORED_SECONDS, Fresh, Topic
from perps_stats.api.filters import Filters
from perps_stats.api.names import Choice
from perps_stats.api.records import encoded_lines
from perps_stats.api.resources import ReadLatest
from perps_stats.core.catalogue import DataSet
from perps_stats.core.live import BOOK_LEVELS, LiveSource
from perps_stats.core.stored import Query
from perps_stats.core.traits import Repository
from perps_stats.database.pages import has_values

Told: TypeAlias = tuple[Struct, bytes | None]
"""A record, and its line where that is made already."""


class Known(Struct, frozen=True):
    """What the process knows of a market."""

    version: int
    told: tuple[Told, ...]


class Last:
    """Each value that is known is made a line once, however many ask for it."""

    def __init__(self, repository: Repository, live: LiveSource | None) -> None:
        self._repository = repository
        self._live = live
        self._known: dict[tuple[Topic, bool], Known] = {}

    async def values(
        self, data_set: DataSet, read: ReadLatest, query: Query, filters: Filters, choice: Choice
    ) -> tuple[list[Told], Fresh]:
        """Of each chosen market, and how long that holds. ``read`` asks for what is stored."""
        known = await self._all(data_set, filters, choice)
        told = [each for one in known.values() for each in one.told]
        told = [each for each in told if has_values(each[0], query.only)]
        versions = tuple((topic, one.version) for topic, one in known.items())
        others = choice.markets
        if known:
            others = tuple((topic[1], topic[2]) for topic, one in known.items() if not one.told)
            if not others:
                return told, Fresh(versions, LISTED_SECONDS)
        stored = await read(self._repository, structs.replace(query, markets=others))
        return [*told, *((record, None) for record in stored)], Fresh(versions, STORED_SECONDS)

    async def _all(
        self, data_set: DataSet, filters: Filters, choice: Choice
    ) -> Mapping[Topic, Known]:
        """Empty where there is nobody who could know."""
        if self._live is None:
            return {}
        chosen = choice.markets
        if chosen is None:
            chosen = tuple((market.exchange, market.symbol) for market in choice.names.markets)
        known: dict[Topic, Known] = {}
        for exchange, symbol in chosen:
            topic = (data_set.name, exchange, symbol)
            known[topic] = self._of(self._live, topic, filters, choice)
            if filters.depth is not None:  # made anew, and long: others are answered in between
                await asyncio.sleep(0)
        return known

    def _of(self, live: LiveSource, topic: Topic, filters: Filters, choice: Choice) -> Known:
        key, version = (topic, filters.as_numbers), live.version(*topic)
        kept = self._known.get(key)
        if kept is not None and kept.version == version and filters.depth is None:
            return kept
        rows = live.newest(*topic, filters.depth or BOOK_LEVELS)
        simulated, as_numbers = choice.names.simulated, filters.as_numbers
        told = [(row, encoded_lines([row], simulated, as_numbers=as_numbers)) for row in rows]
        known = Known(version, tuple(told))
        if filters.depth is None:
            self._known[key] = known
        return known
