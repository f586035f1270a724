"""A scan by other hands, without a cluster: shards, and a machine that does not see the files."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnavailableError
from core.images.decoder import Decoder
from core.images.examiner import ShardExaminer
from core.workspace import HashMode
from tests.support.hands import OwnHands
from tests.support.pictures import jpeg


class BlindHands(OwnHands):
    """Hands of a machine where the folder of the pictures is empty."""

    def in_order(
        self,
        work: Callable[..., Any],
        pieces: Iterable[tuple[object, ...]],
        *,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        def elsewhere(paths: list[Path], hash_mode: HashMode) -> object:
            host, looks = work([path.parent / "not mounted" / path.name for path in paths], hash_mode)
            for look, path in zip(looks, paths, strict=True):
                object.__setattr__(look, "path", path)
            return host, looks

        return super().in_order(elsewhere, pieces, stopped=stopped)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    for number in range(7):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg(number))
    (tmp_path / "5.jpg").write_bytes(jpeg(5)[:300])
    return [*sorted(tmp_path.iterdir()), tmp_path / "gone.jpg"]


def test_shards_give_what_one_decoder_gives(paths: list[Path]) -> None:
    hands = OwnHands()
    with Decoder(processes=1) as decoder:
        expected = list(decoder.examine(paths))
        assert list(ShardExaminer(hands, decoder, shard=3).examine(paths)) == expected
    assert hands.pieces == 3
    assert [look.error for look in expected[5:]] == ["truncated JPEG", None, "the file is gone"]


def test_a_machine_without_the_folder_is_named_and_no_file_called_broken(paths: list[Path]) -> None:
    with (
        Decoder(processes=1) as decoder,
        pytest.raises(UnavailableError, match=r"cannot read .*0\.jpg.*mount the folder"),
    ):
        list(ShardExaminer(BlindHands(), decoder).examine(paths))
