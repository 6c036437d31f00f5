"""Servers that an auditor may meet: one that serves a directory, and ones that mean no good."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

type Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """The URL of a server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/logs/platform"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def files_of(directory: Path, asked: list[str] | None = None) -> Answering:
    """Answer with the files of a directory, as any static web server does."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        path = request.path.removeprefix("/logs/platform/")
        if asked is not None:
            asked.append(path)
        file = directory / path
        if file.is_file():
            respond(request, file.read_bytes())
        else:
            respond(request, b"there is none", status=404)

    return answer


def respond(
    request: BaseHTTPRequestHandler,
    content: bytes,
    *,
    status: int = 200,
    length: int | None = None,
    **headers: str,
) -> None:
    """Answer; `length` is what is claimed."""
    request.send_response(status)
    request.send_header("Content-Length", str(len(content) if length is None else length))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    try:
        request.wfile.write(content)
        if length is not None:
            request.close_connection = True
    except OSError:  # whoever asked has gone, as it should
        request.close_connection = True
