"""Answers leave at once, rather than waiting for the browser to confirm the packet with their headers."""

import contextlib
import os
import socket
from pathlib import Path

__all__ = ["answer_promptly"]

_OPEN_FILES = Path("/dev/fd")


def answer_promptly() -> int:
    """Set TCP_NODELAY on every port that this process listens on, which connections inherit; how many there were.

    asyncio sets it only on sockets that were made with the protocol's number; Streamlit makes its own without. The body
    of an answer, sent after its headers, then waits for a delayed confirmation: some 40 ms on Linux.
    """
    found = 0
    names = [file.name for file in _OPEN_FILES.iterdir()] if _OPEN_FILES.is_dir() else []
    for name in names:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name))) as port:
            if port.family in (socket.AF_INET, socket.AF_INET6) and port.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                found += 1
    return found
