"""The decoder's child with a decoder that crashes or hangs on files that say so; `DIES` in the environment: at once."""

import os
import signal
import sys
import time

from core.catalog.records import FileStamp
from core.images import worker
from core.images.examine import Look, look_at
from core.workspace import HashMode


def hostile_look(content: bytes, stamp: FileStamp, hash_mode: HashMode) -> Look:
    if content.startswith(b"CRASH"):
        time.sleep(0.2)  # so that neighbours are under way too
        os.kill(os.getpid(), signal.SIGKILL)
    if content.startswith(b"HANG"):
        sys.stderr.write("hangs\n")
        sys.stderr.flush()
        time.sleep(600)
    if content.startswith(b"SURPRISE"):
        raise KeyError("unforeseen")
    if content.startswith(b"SLOW"):
        time.sleep(0.4)
        content = content.removeprefix(b"SLOW")
    return look_at(content, stamp, hash_mode)


if __name__ == "__main__":
    setattr(worker, "look_at", hostile_look)  # noqa: B010 - the type checker knows no such export
    worker.main(int(sys.argv[1]), "exact")
