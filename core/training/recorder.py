"""What a run writes into metrics.jsonl: thinned, finite or null, and each record once, however often it is resumed."""

from collections.abc import Mapping
from pathlib import Path

from core.runs.metrics import MetricsWriter, Record, read_metrics, without_replayed

__all__ = ["Recorder"]


class Recorder:
    """Appends records, save those that an earlier process of this run wrote already.

    A run that resumes does the steps since its last checkpoint again and finds the same figures: the second copy of a
    record is left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = MetricsWriter(folder)
        records, _ = read_metrics(folder)
        self._known = {(record.get("kind"), record.get("step")) for record in records}

    def write(self, kind: str, *, step: int, epoch: int, values: Mapping[str, float]) -> None:
        """One record after `step` steps; `values` by the names of the metrics."""
        if (kind, step) not in self._known:
            self._writer.write(kind, step, epoch, **values)

    def forget_after(self, step: int) -> None:
        """Write the records after `step` once more: what follows is trained anew, with other figures."""
        self._known = {(kind, at) for kind, at in self._known if isinstance(at, int) and at <= step}

    def read(self) -> list[Record]:
        """All records of the run so far."""
        return without_replayed(read_metrics(self._folder)[0])

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._writer.close()
