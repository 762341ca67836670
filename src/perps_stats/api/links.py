"""Where an answer leads, for programs that follow OpenAPI's links: the next page, and from a market
to all that is known of it.
"""

from collections.abc import Iterable, Sequence

from perps_stats.api import parameters as says
from perps_stats.api.kinds import MARKETS, Resource

Link = dict[str, object]
SOURCE = "markets"
"""The resource whose first record is followed."""


def operation_id(resource: Resource) -> str:
    return resource.path.replace("/", "_").replace("-", "_")


def links_of(resource: Resource, resources: Sequence[Resource]) -> dict[str, Link]:
    """By name."""
    found = dict(_next_page(resource))
    if resource.path == SOURCE:
        found.update(_of_market(other) for other in resources if _takes_a_market(other))
    return found


def _next_page(resource: Resource) -> Iterable[tuple[str, Link]]:
    if says.CURSOR in resource.parameters:
        said = "The next page, where `meta.next` is not null: repeat the other parameters."
        yield "next", _link(resource, said, {"cursor": "$response.body#/meta/next"})


def _of_market(resource: Resource) -> tuple[str, Link]:
    values = {each.name: f"$response.body#/data/0/{each.name}" for each in MARKETS}
    return operation_id(resource), _link(resource, "The same of the first market.", values)


def _takes_a_market(resource: Resource) -> bool:
    return resource.path != SOURCE and all(each in resource.parameters for each in MARKETS)


def _link(resource: Resource, meaning: str, values: dict[str, str]) -> Link:
    return {
        "operationId": operation_id(resource),
        "description": meaning,
        "parameters": values,
    }
