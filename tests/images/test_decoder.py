import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from core.catalog.records import Measured
from core.errors import UnavailableError
from core.files import digest
from core.images.decoder import Decoder, Examined, restamped
from core.workspace import CHECKOUT
from tests.support.pictures import avif, bmp, broken_files, encode, jpeg, odd_pictures, oriented, png, webp
from tests.support.waiting import until

HOSTILE = "tests.images.hostile_worker"


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(processes=2) as shared:
        yield shared


def _write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    paths = [folder / name for name in files]
    for path, content in zip(paths, files.values(), strict=True):
        path.write_bytes(content)
    return paths


def _measured(examined: Examined) -> Measured:
    assert examined.error is None
    assert examined.measured is not None
    return examined.measured


def test_everything_about_a_picture(decoder: Decoder, tmp_path: Path) -> None:
    (path,) = _write(tmp_path, {"turned.bin": oriented(6, 2, size=(80, 40))})
    (examined,) = decoder.examine([path])
    measured = _measured(examined)
    assert (measured.width, measured.height, measured.format, measured.mode) == (80, 40, "JPEG", "RGB")
    assert (measured.orientation, measured.bytes) == (6, path.stat().st_size)
    assert (measured.mtime_ns, measured.inode) == (path.stat().st_mtime_ns, path.stat().st_ino)
    assert measured.sha256 == digest(path.read_bytes())
    assert examined.extension == "jpg"
    assert examined.path == path
    assert examined.thumbnail is not None
    assert examined.thumbnail[8:12] == b"WEBP"


def test_bytes_and_paths_come_back_in_order(decoder: Decoder, tmp_path: Path) -> None:
    contents = [jpeg(seed) if seed % 3 else png(seed) for seed in range(40)]
    paths = _write(tmp_path, {f"{number}": content for number, content in enumerate(contents)})
    mixed = [
        path if number % 2 else content for number, (path, content) in enumerate(zip(paths, contents, strict=True))
    ]
    found = list(decoder.examine(mixed))
    assert [_measured(examined).sha256 for examined in found] == [digest(content) for content in contents]
    assert [examined.path for examined in found] == [item if isinstance(item, Path) else None for item in mixed]


def test_broken_files_come_back_with_their_reasons(decoder: Decoder) -> None:
    broken = broken_files()
    found = list(decoder.examine(content for content, _ in broken.values()))
    assert [examined.error for examined in found] == [reason for _, reason in broken.values()]
    assert [examined.stamp and examined.stamp.sha256 for examined in found] == [digest(c) for c, _ in broken.values()]


def test_odd_pictures_get_thumbnails(decoder: Decoder) -> None:
    assert all(examined.thumbnail for examined in decoder.examine(odd_pictures().values()))


def test_large_bytes_do_not_block_the_pipes(decoder: Decoder) -> None:
    large = bmp(size=(1200, 1200))
    assert [_measured(examined).width for examined in decoder.examine([large] * 12)] == [1200] * 12


def test_links_and_odd_places_have_reasons(decoder: Decoder, tmp_path: Path) -> None:
    (path,) = _write(tmp_path, {"real.jpg": jpeg()})
    link = tmp_path / "link.jpg"
    link.symlink_to(path)
    found = list(decoder.examine([link, tmp_path, tmp_path / "absent"]))
    assert [examined.error for examined in found] == ["a link, not a file", "a folder, not a file", "the file is gone"]


def test_items_are_not_read_far_ahead(decoder: Decoder) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield jpeg()

    for _ in decoder.examine(endless()):
        break
    assert taken <= 2 * 64 + 1


def test_a_file_that_kills_the_decoder_is_named_and_the_others_go_on() -> None:
    items = [jpeg(1), b"CRASH", jpeg(2), b"SLOW" + jpeg(3), jpeg(4), b"CRASH", jpeg(5)]
    with Decoder(processes=3, module=HOSTILE) as decoder:
        errors = [examined.error for examined in decoder.examine(items)]
    crashed = "crashed the decoder (SIGKILL)"
    assert errors == [None, crashed, None, None, None, crashed, None]


def test_a_file_that_hangs_the_decoder_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    paths = _write(tmp_path, {"a": jpeg(1), "b": b"HANG", "c": jpeg(2), "d": jpeg(3)})
    with Decoder(processes=2, module=HOSTILE, seconds=2.0) as decoder:
        found = list(decoder.examine(paths))
    assert [examined.error for examined in found] == [None, "took longer than 2 s to decode", None, None]
    assert found[1].stamp is not None
    assert found[1].stamp.sha256 == digest(b"HANG")


def test_an_unforeseen_error_is_a_reason() -> None:
    with Decoder(processes=1, module=HOSTILE) as decoder:
        assert [examined.error for examined in decoder.examine([b"SURPRISE"])] == ["cannot be examined (KeyError)"]


def test_a_picture_that_needs_too_much_memory_is_named() -> None:
    greedy = encode(Image.new("RGB", (7900, 7900)), "PNG", compress_level=1)
    with Decoder(processes=2, memory_bytes=500 << 20) as decoder:
        found = list(decoder.examine([jpeg(1), greedy, jpeg(2)]))
    assert found[0].error is None
    assert found[2].error is None
    assert found[1].error is not None
    assert "too much memory" in found[1].error


def test_a_decoder_that_cannot_start_says_so() -> None:
    with (
        Decoder(module="tests.images.no_such_module") as decoder,
        pytest.raises(UnavailableError, match="does not start"),
    ):
        list(decoder.examine([jpeg()]))


def test_a_system_that_starts_no_process_is_told_in_a_sentence() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Decoder(processes=1) as decoder:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            with pytest.raises(UnavailableError, match=r"does not start \(Too many open files\)"):
                list(decoder.examine([jpeg()]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert [examined.error for examined in decoder.examine([jpeg()])] == [None]


def test_the_decoder_is_usable_after_a_round_was_abandoned() -> None:
    with Decoder(processes=1) as decoder:
        for _ in decoder.examine([jpeg(seed) for seed in range(20)]):
            break
        assert [examined.error for examined in decoder.examine([webp(), avif()])] == [None, None]


def test_native_noise_goes_to_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content, _ = broken_files()["half.tif"]
    log = tmp_path / "decoder.log"
    with Decoder(processes=1, log=log, module=HOSTILE) as decoder:
        list(decoder.examine([content, b"SURPRISE"]))
    assert "unforeseen" in log.read_text(encoding="utf-8")
    assert capfd.readouterr().err == ""


def test_restamped_names_the_file_that_now_holds_the_bytes(decoder: Decoder, tmp_path: Path) -> None:
    (examined,) = decoder.examine([jpeg()])
    (path,) = _write(tmp_path, {"stored.jpg": jpeg()})
    moved = restamped(_measured(examined), path)
    assert (moved.mtime_ns, moved.inode) == (path.stat().st_mtime_ns, path.stat().st_ino)
    assert moved.sha256 == _measured(examined).sha256


def test_a_file_that_hangs_the_decoder_does_not_outlive_who_asked(tmp_path: Path) -> None:
    """The child is at work and so does not read; it must see the closed pipe all the same."""
    log = tmp_path / "decoder.log"
    setting = f"processes=1, log=Path({str(log)!r}), module={HOSTILE!r}"
    imports = "from pathlib import Path; from core.images.decoder import Decoder"
    script = f"{imports}; list(Decoder({setting}).examine([b'HANG']))"
    with subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT) as asking:
        until(lambda: log.exists() and "hangs" in log.read_text(encoding="utf-8"), what="a decoder at work")
        (child,) = psutil.Process(asking.pid).children()
        asking.kill()
        asking.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, what="the decoder's end")
