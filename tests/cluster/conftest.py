"""A real Ray cluster of two nodes on this machine, one of which can be killed."""

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core.jobs.cluster import ADDRESS, Hands, open_cluster

WITHOUT_RAY = "Ray is not installed; `make test-cluster` installs it and runs this"
_NODE = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
_QUICK_TO_NOTICE = {
    "health_check_initial_delay_ms": 500,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 2000,
    "health_check_failure_threshold": 3,
}


@dataclass
class TwoNodes:
    """A head, which the test's own process belongs to, and a second node; a core each."""

    cluster: Any
    second: Any

    @property
    def environ(self) -> dict[str, str]:
        return {ADDRESS: self.cluster.address}

    def kill_second(self) -> None:
        """End the second node's processes at once, as a power cut would."""
        self.cluster.remove_node(self.second, allow_graceful=False)


@pytest.fixture(scope="session")
def started() -> Iterator[Any]:
    """The head of a cluster, started once: it takes ten seconds."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip(WITHOUT_RAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = importlib.import_module("ray.cluster_utils").Cluster(
            initialize_head=True, head_node_args=_NODE | {"_system_config": _QUICK_TO_NOTICE}
        )
        yield cluster
        cluster.shutdown()


@pytest.fixture
def two_nodes(started: Any) -> TwoNodes:  # noqa: ANN401 - Ray has no types for us
    """The head and a living second node, whatever the test before did to it."""
    if not started.worker_nodes:
        started.add_node(**_NODE)
    return TwoNodes(started, next(iter(started.worker_nodes)))


@pytest.fixture
def hands(two_nodes: TwoNodes) -> Iterator[Hands]:
    """This process, connected to the two nodes."""
    with open_cluster(two_nodes.environ) as opened:
        yield opened
