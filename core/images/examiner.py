"""Who examines the pictures of a scan: this machine's decoder, or a cluster's, shard by shard."""

import contextlib
import socket
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from core.errors import UnavailableError
from core.images.decoder import Decoder, Examined
from core.jobs.cluster import Hands
from core.jobs.reporter import SILENT, Reporter
from core.workspace import HashMode

__all__ = ["Examiner", "ShardExaminer", "open_examiner"]

_SHARD: Final = 512
"""Files a task: 4 s of work, against 0.25 s to start its decoder; their thumbnails weigh about 3 MB."""


class Examiner(Protocol):
    """Says what each picture is; `Decoder` on this machine, `ShardExaminer` on several."""

    def examine(self, items: Iterable[Path]) -> Iterator[Examined]:
        """What came of each file, in the order given; raises UnavailableError when nobody can look."""


@contextlib.contextmanager
def open_examiner(
    *, log: Path, hash_mode: HashMode = "exact", cluster: Hands | None = None, reporter: Reporter = SILENT
) -> Iterator[Examiner]:
    """The decoder of this machine, or with a `cluster` its workers'; `log` gets what native libraries print here."""
    with Decoder(log=log, hash_mode=hash_mode) as decoder:
        yield decoder if cluster is None else ShardExaminer(cluster, decoder, reporter=reporter)


class ShardExaminer:
    """Examines files on other machines, which see them under the same paths."""

    def __init__(self, cluster: Hands, local: Decoder, *, shard: int = _SHARD, reporter: Reporter = SILENT) -> None:
        self._cluster = cluster
        self._local = local
        self._shard = shard
        self._reporter = reporter

    def examine(self, items: Iterable[Path]) -> Iterator[Examined]:
        """What came of each file, in the order given; ends early when the reporter says stop.

        Raises UnavailableError for a machine that cannot read what this one can: it would call every file broken.
        """
        pieces = ((shard, self._local.hash_mode) for shard in _shards(items, self._shard))
        for host, looks in self._cluster.in_order(examine_shard, pieces, stopped=self._reporter.stopped):
            for look in looks:
                yield look if look.stamp else self._look_again(look, host)

    def _look_again(self, look: Examined, host: str) -> Examined:
        """What this machine finds where the other one could not read at all."""
        assert look.path is not None
        (again,) = self._local.examine([look.path])
        if again.stamp:
            raise UnavailableError(
                f"{host} cannot read {look.path} ({look.error}), which this machine can; "
                "mount the folder there at the same path, with the same rights."
            )
        return again


def examine_shard(paths: list[Path], hash_mode: HashMode) -> tuple[str, list[Examined]]:
    """What came of some files, and the name of the machine that looked; runs in a worker of the cluster."""
    with Decoder(processes=1, hash_mode=hash_mode) as decoder:  # as a task has one core
        return socket.gethostname(), list(decoder.examine(paths))


def _shards(items: Iterable[Path], size: int) -> Iterator[list[Path]]:
    remaining = iter(items)
    while shard := [path.absolute() for path in islice(remaining, size)]:
        yield shard
