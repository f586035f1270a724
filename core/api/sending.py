"""Files as answers: never sniffed, never run, and sent again only when they changed."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

__all__ = ["FOR_EVER", "SANDBOX", "send_file"]

FOR_EVER = "private, max-age=31536000, immutable"

SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def send_file(
    request: Request, path: Path, *, kind: str, download: bool = False, version: str | None = None
) -> Response:
    """The file as the media type `kind`, or 304 when the asker has it already.

    An address that names the file's present `version` (its mtime in hexadecimal nanoseconds) may be kept for ever.
    """
    status = path.stat()
    tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    kept = FOR_EVER if version == f"{status.st_mtime_ns:x}" else "private, no-cache"
    headers = {"Cache-Control": kept, "ETag": tag, **SANDBOX}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=kind, filename=path.name if download else None, headers=headers)
