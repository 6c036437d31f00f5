"""The booth's steps, each a page that is made of what the page before sent: nothing is kept.

Notice → code → choices → check → cast. What a step needs of those before stands in hidden fields,
never in an address; the language alone is in the query.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from shared import rsabssa, voting_code
from shared.bodies import bounded_body
from shared.canonical import canonical
from shared.codes import read_code
from shared.device import Device, PromiseBroken, check_promise
from shared.openapi import documented
from shared.people.guards import everybody
from shared.process import process_of
from shared.web.kit import RoutePages, pages_of
from voting.booth import filling
from voting.booth.asking import Others
from voting.booth.drafting import TIER, Draft, fresh_seed, tier_key
from voting.booth.offered import Offered
from voting.booth.trouble import Trouble
from voting.formats.choices import Choice, entries

LARGEST_FORM = 512 * 1024
MOST_FIELDS = 10_100
NOTICE = "notice.html"
_ORDER = re.compile(r"[0-9a-f]{16}")
_OPTION = re.compile(r"option-[1-9][0-9]{0,4}")


@dataclass
class Visit:
    """One request: the round, and what the page before sent."""

    request: Request
    offered: Offered
    data: Mapping[str, str]
    # What the next page brings back; codes are in their one form here.
    kept: dict[str, str] = field(default_factory=dict)

    def page(self, template: str, trouble: Trouble | None = None, **values: Any) -> Response:
        """A page of this visit, which says what the trouble is."""
        return pages_of(self.request).show(
            self.request,
            template,
            status=200 if trouble is None else trouble.status,
            shown=self.offered,
            # The notice says it where it says what becomes public.
            rehearsal=self.offered.rehearsal and template != NOTICE,
            kept=self.kept,
            # For the other language: the same step again, with what it made already.
            sent={**self.data, **self.kept} if self.data else {},
            code=None if trouble is None else trouble.code,
            **values,
        )

    def choices(self) -> tuple[Choice, ...]:
        """What the page says of the options. Raises `Trouble`."""
        assert self.offered.form is not None
        read = filling.read(self.offered.form, self.data, len(self.offered.options))
        self.offered.check(read)
        return read

    def keep_choices(self) -> None:
        """Bring what was said along, whether it can be read or not."""
        self.kept |= {name: said for name, said in self.data.items() if _OPTION.fullmatch(name)}


type Step = Callable[[Request, Mapping[str, str]], Awaitable[Response]]
type Route = Callable[[Request], Awaitable[Response]]


def create_router(others: Others) -> APIRouter:
    """The routes of a booth that asks these processes."""
    router = APIRouter(include_in_schema=False)
    booth = Booth(others)

    @router.get("/", dependencies=[everybody])
    async def lead_to_the_rounds(request: Request) -> Response:
        """The roll knows which votes are held."""
        return RedirectResponse(process_of(request).settings.sites.get("roll", "") + "/", 303)

    @router.get("/rounds/{round_id}", dependencies=[everybody])
    async def show_notice(round_id: UUID, request: Request, pages: RoutePages) -> Response:
        """What the booth sees, before anybody says who she is."""
        try:
            return (await booth.visit(request, round_id)).page(NOTICE)
        except Trouble as trouble:
            return _again(request, trouble, {})

    # Bare Starlette routes: there is no session that a form of another site could misuse, so that
    # no cookie is needed to tell ours from others.
    for name, step in booth.steps().items():
        router.add_route(f"/rounds/{{round_id}}/{name}", _told(step), methods=["POST"])
    return router


class Booth:
    """What happens in each step."""

    def __init__(self, others: Others) -> None:
        self._others = others

    def steps(self) -> dict[str, Step]:
        """Each step that is sent a form, by the last part of its path."""
        return {
            "code": self.ask_code,
            "choose": self.show_options,
            "check": self.check,
            "cast": self.cast,
        }

    async def visit(
        self, request: Request, round_id: UUID, data: Mapping[str, str] | None = None
    ) -> Visit:
        """A visit to a round that the roll knows. Raises `Trouble`."""
        offered = Offered.of(await self._others.ballot(round_id))
        return Visit(request, offered, data or {})

    async def ask_code(self, request: Request, data: Mapping[str, str]) -> Response:
        """Who read the notice says who she is."""
        visit = await self._agreed(request, data)
        return visit if isinstance(visit, Response) else visit.page("code.html")

    async def show_options(self, request: Request, data: Mapping[str, str]) -> Response:
        """The ballot, for a code that can be used now."""
        visit = await self._with_code(request, data)
        if isinstance(visit, Response):
            return visit
        visit.keep_choices()
        return self._ballot(visit)

    async def check(self, request: Request, data: Mapping[str, str]) -> Response:
        """The ballot in words, with the voting code that it will be cast under. Nothing is sent
        to the roll but the code; of the box only the highest revision is asked."""
        visit = await self._with_code(request, data)
        if isinstance(visit, Response):
            return visit
        visit.keep_choices()
        try:
            choices = visit.choices()
            return self._checked(visit, choices, await self._draft(visit, choices))
        except Trouble as trouble:
            return self._ballot(visit, trouble)

    async def cast(self, request: Request, data: Mapping[str, str]) -> Response:
        """Cast the ballot that was checked. The same page sent again casts the same bytes: the
        answer is the same, and one ballot is there.

        What goes wrong leaves her the voting code and the button: whoever has a token already
        comes back with it.
        """
        visit = await self._with_code(request, data, asks=False)
        if isinstance(visit, Response):
            return visit
        visit.keep_choices()
        try:
            seed = voting_code.read(visit.kept.get("voting", ""))
            draft = Draft.read(visit.data, visit.choices())
        except voting_code.NoVotingCode:
            raise Trouble("malformed") from None
        visit.kept |= draft.fields()
        try:
            return visit.page("done.html", **await self._cast(visit, seed, draft))
        except Trouble as trouble:
            return visit.page("again.html", trouble)

    async def _draft(self, visit: Visit, choices: tuple[Choice, ...]) -> Draft:
        """The next ballot under the voting code, which is made where there is none yet."""
        round_id = visit.offered.round_id
        opened = await self._others.opened(round_id)
        public = tier_key(opened)
        typed = visit.kept.get("voting")
        seed = fresh_seed(public, round_id) if typed is None else voting_code.read(typed)
        device = Device(seed, round_id, TIER)
        draft = Draft.made(opened, device, await self._others.highest(device) + 1, choices)
        visit.kept["voting"] = voting_code.written(seed)
        return draft

    async def _cast(self, visit: Visit, seed: bytes, draft: Draft) -> dict[str, Any]:
        """What the page says of a ballot that the box promised to publish. Raises `Trouble`."""
        round_id = visit.offered.round_id
        public = tier_key(await self._others.opened(round_id))
        device = Device(seed, round_id, TIER)
        blinded = device.blinded(public)
        signature = await self._others.signature(round_id, visit.kept["code"], blinded)
        try:
            token = device.token(public, signature)
        except (rsabssa.SignatureWrong, ValueError):
            raise Trouble("token_wrong", 502) from None
        ballot = device.ballot(token, draft.revision, draft.said)
        promise = await self._others.cast(ballot)
        box = await self._others.promise_key()
        try:
            check_promise(promise, hashlib.sha256(ballot).digest(), round_id, box)
        except (PromiseBroken, KeyError, ValueError):
            raise Trouble("promise_wrong", 502) from None
        key = box.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return {
            "promise": promise,
            "by": visit.offered.published_by,
            "receipt": _receipt(promise, key),
            "revision": draft.revision,
        }

    def _ballot(self, visit: Visit, trouble: Trouble | None = None) -> Response:
        order = visit.data.get("order", "")
        visit.kept["order"] = order if _ORDER.fullmatch(order) else secrets.token_hex(8)
        options = visit.offered.shuffled(visit.kept["order"])
        return visit.page("choose.html", trouble, options=options)

    def _checked(self, visit: Visit, choices: tuple[Choice, ...], draft: Draft) -> Response:
        form = visit.offered.form
        assert form is not None
        said = dict(entries(form, choices))
        order = visit.data.get("order", "")
        visit.kept["order"] = order if _ORDER.fullmatch(order) else secrets.token_hex(8)
        seen = [each for each in visit.offered.shuffled(visit.kept["order"]) if each.number in said]
        if form.type == "ranking":
            seen.sort(key=lambda option: said[option.number])
        checked = [(option, said[option.number]) for option in seen]
        sums = visit.offered.said(choices)
        return visit.page("check.html", checked=checked, sums=sums, draft=draft.fields())

    async def _agreed(self, request: Request, data: Mapping[str, str]) -> Visit | Response:
        """A visit of somebody who read the notice; else the notice. Raises `Trouble`."""
        visit = await self.visit(request, _round_id(request), data)
        if visit.offered.state != "open" or not visit.offered.assisted or not visit.offered.form:
            return visit.page(NOTICE)
        if not data.get("agreed"):
            return visit.page(NOTICE, Trouble("not_agreed"))
        visit.kept["agreed"] = "yes"
        return visit

    async def _with_code(
        self, request: Request, data: Mapping[str, str], *, asks: bool = True
    ) -> Visit | Response:
        """A visit with a code and, where one was given, a voting code, in their one form; else the
        page that asks for them. Where it `asks`, the roll says whether the code can be used."""
        visit = await self._agreed(request, data)
        if isinstance(visit, Response):
            return visit
        try:
            code, typed = read_code(visit.data.get("code", "")), visit.data.get("voting", "")
            if code is None:
                raise Trouble("code_malformed")
            visit.kept["code"] = code
            if typed.strip():
                visit.kept["voting"] = voting_code.written(voting_code.read(typed))
            if asks:
                await self._others.check_code(visit.offered.round_id, code)
        except voting_code.NoVotingCode:
            visit.keep_choices()
            return visit.page("code.html", Trouble("voting_code_malformed"))
        except Trouble as trouble:
            visit.keep_choices()
            return visit.page("code.html", trouble)
        return visit


def _told(step: Step) -> Route:
    """The step, as a route; what is in its way is told on a page from which the same can be sent
    again."""

    @documented(gives="text/html")
    @wraps(step)
    async def asked(request: Request) -> Response:
        data: Mapping[str, str] = {}
        try:
            data = await _fields(request)
            return await step(request, data)
        except Trouble as trouble:
            return _again(request, trouble, data)

    return asked


def _again(request: Request, trouble: Trouble, data: Mapping[str, str]) -> Response:
    values: dict[str, Any] = {
        "shown": None,
        "kept": dict(data),
        "sent": dict(data),
        "code": trouble.code,
    }
    return pages_of(request).show(request, "again.html", status=trouble.status, **values)


def _round_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["round_id"])
    except ValueError:
        raise Trouble("round_unknown", 404) from None


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, of several of a name the last. Raises `Trouble`, `BodyTooLarge`."""
    body = await bounded_body(request, LARGEST_FORM)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Trouble("malformed") from None
    return dict(pairs)


def _receipt(promise: Mapping[str, Any], key: bytes) -> str:
    """The receipt as the voting page saves it: the box's promise, and the key that it is signed
    with."""
    written = canonical(dict(promise)).decode()
    return f"comptoir-receipt-v1\n{written}\nbox key: {b64encode(key).decode()}\n"
