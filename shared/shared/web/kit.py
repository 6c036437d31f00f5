"""The pages of a process: templates, languages, assets, and what a browser is told of a refusal.

    pages = Pages("submission", settings)
    process.app([router], REFUSALS, pages=pages)
    return pages.show(request, "idea.html", idea=idea)

Whoever guards forms sets `request.state.csrf`, which every form carries in its hidden `csrf`, and
whoever knows people `request.state.person`; without them both are empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from gettext import NullTranslations
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Annotated, Any, ClassVar, Final, Protocol
from uuid import uuid4

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule

from shared.web import components, languages, messages, refused
from shared.web.assets import Assets
from shared.web.filters import filters
from shared.web.headers import CSP, SecureHeaders, policy

SHARED: Final = Path(__file__).parents[1]
A_YEAR: Final = 365 * 24 * 3600


class Look(Protocol):
    """What the kit reads of a process's settings."""

    @property
    def sites(self) -> Mapping[str, str]: ...
    @property
    def operator_name(self) -> str: ...
    @property
    def accent(self) -> str: ...
    @property
    def development(self) -> bool: ...


class _Compiled(BytecodeCache):
    """Templates are compiled once in a process, by language: filters of a language are folded
    into their code."""

    _code: ClassVar[dict[tuple[str, str, str], CodeType]] = {}

    def __init__(self, language: str) -> None:
        self._language = language

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((self._language, bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[self._language, bucket.key, bucket.checksum] = bucket.code


class Pages:
    """The pages of one process, in every language."""

    def __init__(
        self,
        package: str,
        settings: Look,
        *,
        translations: Sequence[Path] = (),
        advice: Mapping[str, str] | None = None,
        keeps_nothing: bool = False,
    ) -> None:
        """Templates are those of the process's package, then those that are shared.

        `translations` are more rooms whose pages and words its own use; `advice` says by a
        refusal's code what its reader can do, as a sentence that `mark` made known. One that
        `keeps_nothing` sets no cookie and reads none, and no page of it is stored or named to
        others: its language is in each address, and its own pages lead from one to the other.
        """
        self.settings = settings
        self._keeps_nothing = keeps_nothing
        self._advice = {**refused.ADVICE, **(advice or {})}
        rooms = [_room(package), *translations, *messages.rooms(SHARED)]
        self.assets = Assets([room / "static" for room in rooms], settings.accent)
        self._words = {
            language: messages.translations(rooms, language) for language in languages.LANGUAGES
        }
        self._environments = {
            language: self._environment(rooms, language) for language in languages.LANGUAGES
        }
        self._signs_in = False

    def _environment(self, rooms: Sequence[Path], language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader([room / messages.PAGES for room in rooms]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=self.settings.development,
            bytecode_cache=_Compiled(language),
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        words = self._words[language]
        environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
        environment.policies["ext.i18n.trimmed"] = True
        environment.filters.update(filters(language))
        environment.globals.update(
            lang=language,
            operator_name=self.settings.operator_name,
            sites=self.settings.sites,
            static=self.assets.address,
            once=lambda: str(uuid4()),
        )
        return environment

    def language(self, request: Request) -> str:
        """The language that a request is answered in."""
        return languages.negotiate(
            request.query_params.get("lang"),
            None if self._keeps_nothing else request.cookies.get(languages.COOKIE),
            request.headers.get("accept-language", ""),
        )

    def translate(self, language: str, sentence: str) -> str:
        """A sentence that `mark` made known, in a language."""
        return self._words[language].gettext(sentence)

    def words(self, language: str) -> NullTranslations:
        """All sentences of a language, for whoever makes some outside of a template."""
        return self._words[language]

    def render(self, language: str, template: str, **values: Any) -> str:
        """A template's text, for what is no answer to a request."""
        return self._environments[language].get_template(template).render(values)

    def module(self, language: str, template: str, **values: Any) -> TemplateModule:
        """A template's macros."""
        return self._environments[language].get_template(template).make_module(values)

    def show(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        person: Any = None,
        connect: Iterable[str] = (),
        form_to: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A page. `connect` are origins that its script may ask, `form_to` those that a form of
        its may be led on to; `nav` (pairs of address and label) is a value that layouts know."""
        language = self.language(request)
        person = person if person is not None else getattr(request.state, "person", None)
        known = person is not None and getattr(person, "kind", "nobody") != "nobody"
        text = self.render(
            language,
            template,
            **{
                "path": _path(request),
                "switch": [] if self._keeps_nothing else _switch(request),
                "nav": (),
                "problem": None,
                "rehearsal": False,
                "signs_in": self._signs_in,
                "csrf": getattr(request.state, "csrf", ""),
                "person": person if known else None,
                **values,
            },
        )
        answer = HTMLResponse(text, status)
        answer.headers["Vary"] = "Accept, Accept-Language, Cookie"
        unstored = known or self._keeps_nothing
        answer.headers["Cache-Control"] = "no-store" if unstored else "private, no-cache"
        if connect or form_to:
            answer.headers[CSP.decode()] = policy(connect, form_to)
        answer.headers.update(headers or {})
        return answer

    def install(self, app: FastAPI) -> None:
        """Serve assets and the language switch, tell browsers of refusals in words, and send every
        page with its security headers. Called when all handlers of errors are known."""
        app.state.pages = self
        app.add_route("/static/{digest}/{path:path}", self.assets.serve)
        if not self._keeps_nothing:
            app.add_route("/language/{language}", _switch_language)
        if self.settings.development:
            app.add_route("/components", self._components)
        self._signs_in = any(getattr(r, "path", "") == "/sign-in" for r in app.routes)
        refused.tell_in_words(app, self._refusal)
        app.add_middleware(SecureHeaders, unnamed=self._keeps_nothing)

    async def _components(self, request: Request) -> Response:
        return self.show(request, "components.html", **components.values())

    def _refusal(self, request: Request, told: refused.Told) -> Response:
        language = self.language(request)
        words = refused.words(told, self._advice)
        return self.show(
            request,
            "refused.html",
            status=told.status,
            headers=told.headers,
            told=told,
            what=self.translate(language, words.what),
            advice=self.translate(language, words.advice),
            title=self.translate(language, words.title),
        )


def _room(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(package)
    return Path(found.origin).parent


def _path(request: Request) -> str:
    """The path and query of this page, without the language that it asked for."""
    query = request.url.remove_query_params("lang").query
    return request.url.path + (f"?{query}" if query else "")


def _switch(request: Request) -> list[tuple[str, str]]:
    return list(languages.LANGUAGES.items())


async def _switch_language(request: Request) -> Response:
    """Keep the language that was chosen for a year, and go back to where one was."""
    back = local_path(request.query_params.get("next", "/"))
    answer = RedirectResponse(back, 303)
    language = request.path_params["language"]
    if language in languages.LANGUAGES:
        secure = request.url.scheme == "https"
        answer.set_cookie(languages.COOKIE, language, A_YEAR, samesite="lax", secure=secure)
    return answer


def local_path(address: str) -> str:
    """The address if it is a path of this process, else `/`: nobody is led elsewhere by a link.

    Browsers take `//`, `/\\` and more slashes than two for the beginning of another host, and see
    no line breaks and tabs in between.
    """
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and all(" " < c != "\\" for c in address) else "/"


def pages_of(request: Request) -> Pages:
    """The pages of the process behind a request."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages)
    return pages


async def _pages(request: Request) -> Pages:
    return pages_of(request)


RoutePages = Annotated[Pages, Depends(_pages)]
