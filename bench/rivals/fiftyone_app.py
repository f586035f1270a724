"""FiftyOne's app on a folder of pictures, in the environment that has it: `python fiftyone_app.py FOLDER PORT`.

The data set is made once in the database that $FIFTYONE_DATABASE_URI names, with the size of each picture, as its own
`compute_metadata` would find it. Prints `up` when the app's server runs, and goes on until it is ended.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import fiftyone as fo
from PIL import Image

_NAME = "pictures"


def main(folder: str, port: str) -> None:
    files = sorted(str(path) for path in Path(folder).rglob("*.jpg"))
    if not _is_made(files):
        fo.Dataset(_NAME, overwrite=True, persistent=True).add_samples(
            _samples(files), num_samples=len(files), progress=False
        )
    fo.launch_app(fo.load_dataset(_NAME), remote=True, port=int(port), address="127.0.0.1")
    print("up", flush=True)
    while True:
        time.sleep(60)


def _is_made(files: list[str]) -> bool:
    if not fo.dataset_exists(_NAME):
        return False
    known = fo.load_dataset(_NAME)
    return len(known) == len(files) and known.first().filepath == files[0]


def _samples(files: list[str]) -> Iterator["fo.Sample"]:
    for file in files:
        with Image.open(file) as picture:
            width, height = picture.size
        size = Path(file).stat().st_size
        known = fo.ImageMetadata(size_bytes=size, mime_type="image/jpeg", width=width, height=height, num_channels=3)
        yield fo.Sample(filepath=file, metadata=known)


if __name__ == "__main__":
    main(*sys.argv[1:3])
