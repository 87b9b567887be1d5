"""The links that chains of requests follow, for every kind of task."""

from __future__ import annotations

import pytest

from contract_tests.harness.links import link_targets, linked_operations, with_links
from contract_tests.harness.operations import TaskKind, read_task_kinds
from tests.support.videos import contract


@pytest.mark.parametrize("kind", read_task_kinds(contract()), ids=lambda kind: kind.name)
def test_each_create_links_to_its_query(kind: TaskKind) -> None:
    """The link passes the task id as the last parameter of the path, even if the path has others."""
    linked = with_links(contract())
    links = linked["paths"][kind.create.path]["post"]["responses"][str(kind.create.success_status)]["links"]
    (link,) = links.values()
    assert link["operationId"] == kind.query.name
    assert list(link["parameters"]) == [kind.query.path.rpartition("/")[2].strip("{}")]
    assert {kind.create.name, kind.query.name} <= set(linked_operations(linked, kind))
    assert kind.query.name in link_targets(contract())
