"""The child process that decodes: `python -m core.images.worker THREADS MEMORY_BYTES HASH_MODE`, requests on stdin.

What a hostile file does to a decoder written in C ends here: the parent (`core.images.decoder`) sees this process die
or keeps its clock, names the file and starts another.
"""

import contextlib
import faulthandler
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from core.catalog.records import FileStamp
from core.errors import InputError
from core.images.examine import look_at, stamp_of
from core.images.frames import Reply, Request, read_request, write_reply
from core.images.reading import read_file
from core.workspace import HashMode

__all__ = ["main"]

Send = Callable[[Reply], None]


def main(threads: int, memory_bytes: int, hash_mode: HashMode) -> None:
    """Answer requests until stdin ends, then exit at once, whatever is under way."""
    _confine(memory_bytes)
    with os.fdopen(os.dup(1), "wb") as replies, ThreadPoolExecutor(threads) as pool:
        os.dup2(2, 1)  # what a library prints must not end up between the frames
        turn = threading.Lock()

        def send(reply: Reply) -> None:
            with turn:
                write_reply(replies, reply)

        while (request := read_request(sys.stdin.buffer)) is not None:
            pool.submit(_answer, request, hash_mode, send).add_done_callback(partial(_report, request, send))
        os._exit(0)


def _answer(request: Request, hash_mode: HashMode, send: Send) -> None:
    """Examine one picture. MemoryError may come anywhere, also through a neighbour's greed."""
    send(Reply(request.number, begun=True))
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
        greedy = isinstance(exc.__cause__, MemoryError)
        send(Reply(request.number, begun=False, stamp=stamp, error=str(exc), out_of_memory=greedy))
    except MemoryError:
        reason = "needs too much memory to decode"
        send(Reply(request.number, begun=False, stamp=stamp, error=reason, out_of_memory=True))
    else:
        send(
            Reply(
                request.number,
                begun=False,
                measured=look.measured,
                stamp=stamp,
                extension=look.extension,
                thumbnail=look.thumbnail,
            )
        )


def _report(request: Request, send: Send, future: Future[None]) -> None:
    """Answer for a request whose work ended in an error that nobody foresaw."""
    error = future.exception()
    if error is None or isinstance(error, BrokenPipeError):
        return
    traceback.print_exception(error)
    reason = f"cannot be examined ({type(error).__name__})"
    with contextlib.suppress(OSError):
        send(Reply(request.number, begun=False, error=reason))


def _confine(memory_bytes: int) -> None:
    """A limit to memory, no core dumps, Ctrl-C left to the parent, and a crash's stack in the log."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), "fast" if sys.argv[3] == "fast" else "exact")
