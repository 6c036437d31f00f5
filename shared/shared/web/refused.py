"""A refusal in words: what happened, that nothing is lost, and what to do; the code stays."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import WebSocketRequestValidationError

from shared.problems import problem
from shared.web.messages import mark

_KEPT = ("retry-after", "www-authenticate", "set-cookie", "allow")


@dataclass(frozen=True)
class Told:
    """What a problem says to machines."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """What it says to people: sentences that are translated where they are shown."""

    title: str
    what: str
    advice: str


_BY_STATUS: Final[Mapping[int, Words]] = {
    400: Words(
        mark("This could not be read"),
        mark("What arrived here is not what this page expects."),
        mark("Go back, check what you entered, and send it again."),
    ),
    401: Words(
        mark("Please sign in"),
        mark("This page is for people who have signed in."),
        mark("Sign in, then open this page again."),
    ),
    403: Words(
        mark("This is not open to you"),
        mark("Your role does not include what you asked for."),
        mark("If you think that it should, ask the administrator of your programme."),
    ),
    404: Words(
        mark("There is nothing here"),
        mark("The address is wrong, or what stood here is gone."),
        mark("Check the address, or start again from the home page."),
    ),
    405: Words(
        mark("This cannot be done here"),
        mark("The page does not take what was sent to it."),
        mark("Go back and use the buttons of the page."),
    ),
    409: Words(
        mark("This does not fit any more"),
        mark("In the meantime something has changed, so what you sent was not recorded."),
        mark("Go back, load the page anew, and look at where things stand now."),
    ),
    413: Words(
        mark("This is too large"),
        mark("What you sent is larger than anything that can be taken here."),
        mark("Make the file or the text smaller and send it again."),
    ),
    422: Words(
        mark("Something is missing or wrong"),
        mark("What you sent was read, but it cannot be recorded as it is."),
        mark("Go back, correct it, and send it again."),
    ),
    429: Words(
        mark("Too many at once"),
        mark("More was asked from here than can be answered."),
        mark("Wait a minute, then try again."),
    ),
    500: Words(
        mark("An error of ours"),
        mark("Something went wrong on our side. It is noted, and somebody will look at it."),
        mark("Try again in a few minutes. If it happens again, tell us the code below."),
    ),
    503: Words(
        mark("We are not available for a moment"),
        mark("The service does not answer at present."),
        mark("Wait a minute and load the page again; what you entered can be sent again."),
    ),
}
# By code, where there is more to say than its status does.
ADVICE: Final[Mapping[str, str]] = {
    "csrf_refused": mark(
        "The page had been open for too long, or was opened elsewhere. "
        "Load it anew and send the form again."
    ),
    "link_unknown": mark(
        "A link works once, for a day. Ask for a new one on the page where you sign in."
    ),
    "address_refused": mark("Check the mail address: it is not one that we can write to."),
    "sign_in_failed": mark("Begin again on the page where you sign in."),
    "provider_silent": mark(
        "The service that knows your professional account does not answer. "
        "Try again in a few minutes."
    ),
    "same_officer": mark("Another officer has to confirm what you asked for."),
    "act_answered": mark("Another officer has answered already. Look at the list of acts."),
    "asker_without_role": mark(
        "Whoever asked for this has lost the role that it takes. Decline it; another officer can"
        " ask for it anew."
    ),
    "act_unknown": mark("There is no such act. Look at the list of those that wait."),
    "act_waiting": mark("This was asked for already and waits for another officer."),
    "reason_missing": mark("Go back and say why, in a sentence: the reason is kept."),
    "person_needed": mark("Sign in with your own account: this takes a person, not a key."),
}


def words(told: Told, advice: Mapping[str, str]) -> Words:
    """The words for a problem: those of its status, and the advice for its code."""
    general = _BY_STATUS.get(told.status) or _BY_STATUS[400 if told.status < 500 else 500]
    return Words(general.title, general.what, advice.get(told.code, general.advice))


def wants_page(request: Request) -> bool:
    """Whether a human looks at the answer: only browsers ask for HTML by name."""
    return "text/html" in request.headers.get("accept", "")


def tell_in_words(app: FastAPI, show: Callable[[Request, Told], Response]) -> None:
    """Answer browsers with a page where a handler of this application answers with a problem."""
    app.add_exception_handler(Exception, _broken)
    for error, handler in list(app.exception_handlers.items()):
        if error is not WebSocketRequestValidationError:
            app.exception_handlers[error] = _in_words(handler, show)


async def _broken(_: Request, __: Exception) -> Response:
    return problem(500, "internal_error", "something went wrong here")


def _in_words(
    handler: Callable[..., Any], show: Callable[[Request, Told], Response]
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        found = handler(request, error)
        response: Response = await found if isawaitable(found) else found
        if response.media_type != "application/problem+json" or not wants_page(request):
            return response
        said = json.loads(bytes(response.body))
        kept = {name: value for name, value in response.headers.items() if name in _KEPT}
        return show(request, Told(said["status"], said["code"], said["detail"], kept))

    return answer
