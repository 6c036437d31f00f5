"""What a request carries, read no further than anybody could mean."""

from fastapi import Request

from shared.refusal import Refusal


class BodyTooLarge(Refusal):
    """A request that is longer than anything that could be meant."""

    code = "body_too_large"


async def bounded_body(request: Request, most: int) -> bytes:
    """A request's body, read no further than `most` bytes. Raises `BodyTooLarge`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BodyTooLarge(f"a request has at most {most} bytes here")
    return bytes(body)
