"""How much one request may carry, checked while it arrives."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.errors import failure

__all__ = ["JSON_BYTES", "UPLOAD_BYTES", "BodyLimit"]

JSON_BYTES = 2_000_000
UPLOAD_BYTES = 100_000_000


class BodyLimit:
    """Pure ASGI: 413 for bodies over the limit, by their announced length or by what really comes."""

    def __init__(self, app: ASGIApp, *, uploads: tuple[str, ...]) -> None:
        self.app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its bytes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = UPLOAD_BYTES if str(scope["path"]).endswith(self._uploads) else JSON_BYTES
        sentence = f"The request carries more than {limit // 1_000_000} MB; send less at once."
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > limit:
            await failure(413, sentence)(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413, sentence)
            return message

        await self.app(scope, counted, send)
