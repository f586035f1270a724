"""The child process that decodes: `python -m core.images.worker MEMORY_BYTES HASH_MODE`, requests on stdin.

What a hostile file does to a decoder written in C ends here: the parent (`core.images.decoder`) sees this process die
or keeps its clock, names the file and starts another. One thread does the work: a second one would wait for Python's
lock half of the time, so there is a process for each core instead.
"""

import contextlib
import faulthandler
import os
import resource
import select
import signal
import sys
import threading
import traceback
from pathlib import Path

from core.catalog.records import FileStamp
from core.errors import InputError
from core.images.examine import look_at, stamp_of
from core.images.frames import READY, Reply, Request, read_request, write_reply
from core.images.reading import read_file
from core.workspace import HashMode

__all__ = ["main"]


def main(memory_bytes: int, hash_mode: HashMode) -> None:
    """Answer requests in their order until stdin ends; when the parent is gone exit at once, whatever is under way."""
    _confine(memory_bytes)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    with os.fdopen(os.dup(1), "wb") as replies:
        os.dup2(2, 1)  # what a library prints must not end up between the frames
        write_reply(replies, Reply(READY))
        while (request := read_request(sys.stdin.buffer)) is not None:
            write_reply(replies, _answer(request, hash_mode))


def _answer(request: Request, hash_mode: HashMode) -> Reply:
    stamp: FileStamp | None = None
    try:
        if request.named:
            content, status = read_file(Path(os.fsdecode(request.body)), follow_links=False)
            stamp = stamp_of(content, status)
        else:
            content = request.body
            stamp = stamp_of(content, None)
        look = look_at(content, stamp, hash_mode)
    except InputError as exc:
        return Reply(request.number, stamp=stamp, error=str(exc))
    except MemoryError:
        return Reply(request.number, stamp=stamp, error="needs too much memory to decode")
    except Exception as exc:  # noqa: BLE001 - the edge of this process: the parent needs an answer whatever happened
        traceback.print_exception(exc)
        return Reply(request.number, error=f"cannot be examined ({type(exc).__name__})")
    return Reply(
        request.number, measured=look.measured, stamp=stamp, extension=look.extension, thumbnail=look.thumbnail
    )


def _exit_with_parent() -> None:
    """Wait until the other end of stdin is closed; a file that never ends to decode must not outlive who asked."""
    waiting = select.poll()
    waiting.register(0, select.POLLHUP)
    waiting.poll()
    os._exit(0)


def _confine(memory_bytes: int) -> None:
    """A limit to memory, no core dumps, Ctrl-C left to the parent, and a crash's stack in the log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    main(int(sys.argv[1]), "fast" if sys.argv[2] == "fast" else "exact")
