"""The client asks what the service answers: the two lists are one."""

import inspect

import pytest

from perps_stats.api.filters import Parameter
from perps_stats.api.resources import RESOURCES
from perps_stats.api.resources import Resource as Served
from perps_stats.client.resources import Resource, Resources

BY_ITSELF = {"cursor", "numbers", "format", "offset"}
"""What the client says, or has no use for: it pages by itself, and its numbers are exact."""
METHODS: dict[str, Resource[..., object]] = {
    name: value for name, value in vars(Resources).items() if isinstance(value, Resource)
}


def name_of(served: Served) -> str:
    return served.path.replace("/", "_").replace("-", "_")


def most_of(parameters: tuple[Parameter, ...]) -> object:
    return next(each.schema["maximum"] for each in parameters if each.name == "limit")


def test_there_is_a_method_for_each_resource() -> None:
    """Named as its path, as the operations of the OpenAPI text are; and no other."""
    assert {name_of(each) for each in RESOURCES} == set(METHODS)


@pytest.mark.parametrize("served", RESOURCES, ids=lambda each: each.path)
def test_a_method_is_of_its_resource(served: Served) -> None:
    """The same path, rows, parameters and rows a page."""
    method = METHODS[name_of(served)]
    parameters = {each.name for each in served.parameters} - BY_ITSELF
    assert method.path == served.path
    assert method.row is served.row
    assert set(inspect.signature(method.takes).parameters) == parameters
    assert method.most == most_of(served.parameters)
