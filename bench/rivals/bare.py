"""The limits that Pillow sets, and imagehash as people use it."""

import hashlib
import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imagehash
from PIL import Image

from bench.rivals.serve import serve

__all__ = ["each"]


def each(work: Callable[[str], object]) -> Callable[[dict[str, list[str]]], int]:
    """A task that does `work` with every file, by as many threads as `cores` names."""

    def run(argument: dict[str, list[str]]) -> int:
        if len(argument["cores"]) == 1:
            return _count(map(work, argument["files"]))
        with ThreadPoolExecutor(len(argument["cores"])) as pool:
            return _count(pool.map(work, argument["files"], chunksize=8))

    return run


def _count(results: Iterable[object]) -> int:
    return sum(1 for _ in results)


def _decode(path: str) -> None:
    picture = Image.open(path)
    picture.draft("L", (64, 64))
    picture.load()


def _imagehash(path: str) -> imagehash.ImageHash:
    return imagehash.phash(Image.open(path))


def _pipeline(path: str) -> None:
    content = Path(path).read_bytes()
    hashlib.sha256(content).hexdigest()
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((256, 256), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.save(io.BytesIO(), "WEBP", quality=80, method=2)


if __name__ == "__main__":
    serve({"decode": each(_decode), "imagehash": each(_imagehash), "pipeline": each(_pipeline)})
