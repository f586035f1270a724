"""The sample grids of a run."""

from pathlib import Path

from core.runs.samples import real_path, sample_epochs, sample_path


def test_epochs_are_listed_in_order_and_strangers_left_out(tmp_path: Path) -> None:
    assert sample_epochs(tmp_path) == []
    (tmp_path / "samples").mkdir()
    for epoch in (10_000, 2, 11):
        sample_path(tmp_path, epoch).touch()
    for name in ("epoch_0003.png", "epoch_3.webp", ".epoch_0004.webp.1.0000aaaa.tmp"):
        (tmp_path / "samples" / name).touch()
    real_path(tmp_path).touch()
    assert sample_epochs(tmp_path) == [2, 11, 10_000]
    assert sample_path(tmp_path, 2).name == "epoch_0002.webp"
