"""What a process says about itself: its AsyncAPI and OpenAPI documents, and a page of the former.

The page loads nothing and sends nothing; it is made of the document alone, without the web kit, so
that the box and the signer have it too.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from shared.messages import Json
from shared.people.guards import everybody

ASYNCAPI, PAGE, OPENAPI = "/asyncapi.json", "/asyncapi", "/openapi.json"

_STYLE = """
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif }
body { overflow-wrap: anywhere } section { border-top: 1px solid; margin-top: 2rem }
dt { font-weight: bold } dd { margin: 0 0 1rem } pre { white-space: pre-wrap; font: inherit }
:root { color-scheme: light dark; color: #1C2430; background: #FBFAF6 } a { color: #0B5D56 }
@media (prefers-color-scheme: dark) {
:root { color: #ECE9E1; background: #14181D } a { color: #7CD3C8 }
}
"""
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

router = APIRouter(include_in_schema=False, dependencies=[everybody])


@router.get(ASYNCAPI)
async def asyncapi(request: Request) -> JSONResponse:
    """What this process publishes and consumes."""
    return JSONResponse(request.app.state.asyncapi())


@router.get(PAGE)
async def asyncapi_page(request: Request) -> HTMLResponse:
    """The same for a person."""
    return HTMLResponse("".join(page(request.app.state.asyncapi())), headers=_HEADERS)


@router.get(OPENAPI)
async def openapi(request: Request) -> JSONResponse:
    """What this process answers over HTTP."""
    return JSONResponse(request.app.openapi())


def page(document: Json) -> Iterator[str]:
    """A list of channels and messages, in HTML."""
    title = escape(document["info"]["title"])
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}: channels and messages</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{title}: channels and messages</h1>"
        f"<pre>{escape(document['info']['description'])}</pre>"
        f'<p>For machines: <a href="{ASYNCAPI}"><code>{ASYNCAPI}</code></a> (AsyncAPI 3.0),'
        f' <a href="{OPENAPI}"><code>{OPENAPI}</code></a> (OpenAPI 3.1).</p>'
    )
    for topic, channel in document["channels"].items():
        yield from _channel(document, topic, channel)
    yield "</main></body></html>"


def _channel(document: Json, topic: str, channel: Json) -> Iterator[str]:
    kept = channel["bindings"]["kafka"]["topicConfiguration"]
    days = kept["retention.ms"] // 86_400_000
    yield (
        f"<section><h2><code>{escape(topic)}</code></h2><p>{escape(channel['description'])}</p>"
        f"<p>Cleanup policy {kept['cleanup.policy'][0]},"
        f" kept {'for ever' if days < 0 else f'{days} days'}.</p>"
    )
    for operation in document["operations"].values():
        if operation["channel"]["$ref"] == f"#/channels/{topic}":
            yield f"<h3>{escape(operation['summary'])}</h3>"
            if told := operation.get("description"):
                yield f"<pre>{escape(told)}</pre>"
    yield "<h3>Messages</h3><dl>"
    for name in channel["messages"]:
        yield from _message(document, document["components"]["messages"][name])
    yield "</dl></section>"


def _message(document: Json, message: Json) -> Iterator[str]:
    key = message["bindings"]["kafka"]["key"]["description"]
    yield (
        f"<dt><code>{escape(message['name'])}</code></dt><dd>{escape(message['summary'])}"
        f"<br>Key: {escape(key)}<br>Headers: {_listed(message['headers']['properties'])}"
    )
    if (named := message["payload"].get("$ref")) is not None:
        fields = document["components"]["schemas"][named.rpartition("/")[2]]["properties"]
        yield f"<br>Fields: {_listed(fields)}"
    yield "</dd>"


def _listed(names: Json) -> str:
    return ", ".join(f"<code>{escape(name)}</code>" for name in names)
