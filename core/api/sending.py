"""Files as answers: never sniffed, never run, and sent again only when they changed."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

__all__ = ["SANDBOX", "send_file"]

SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def send_file(request: Request, path: Path, *, kind: str, download: bool = False) -> Response:
    """The file as the media type `kind`, or 304 when the asker has it already."""
    status = path.stat()
    tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, **SANDBOX}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type=kind, filename=path.name if download else None, headers=headers)
