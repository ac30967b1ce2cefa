"""The web page for the people who approve: what can be asked of it, and what is answered."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from campaign.deciding import Answer, Seen
from campaign.errors import ReelsheetError
from reelsheet.decisions import decide
from reelsheet.review.desk import Desk
from reelsheet.review.files import TYPES, evidence_file, rendition_file
from reelsheet.review.guard import Guard, WithHeaders
from reelsheet.review.items import Asked
from reelsheet.review.pages import STATIC, render, static
from reelsheet.review.shelf import Entry
from reelsheet.review.trouble import TroubleError
from reelsheet.review.words import LANGUAGES, Words, language_of

LARGEST_FORM = 200_000
"""Bytes; the form of a full page has 4,000."""
MOST_FIELDS = 200
LONGEST_REASON, LONGEST_NAME = 1000, 80
LANGUAGE = "reelsheet_language"
"""Cookie with the language that was chosen."""
YEAR = 365 * 24 * 3600


def review_app(desk: Desk, guard: Guard) -> ASGIApp:
    """The page over what ``desk`` knows, for whom ``guard`` lets in."""
    answers = _Answers(desk, guard)
    here = "/c/{campaign}"
    routes = [
        Route("/", answers.overview),
        Route("/pulse", answers.pulse),
        Route("/enter", answers.enter),
        Route("/static/{name}", answers.static),
        Route(here, answers.campaign),
        Route(f"{here}/progress", answers.progress),
        Route(f"{here}/foreseen", answers.foreseen),
        Route(f"{here}/file", answers.file),
        Route(f"{here}/still", answers.still),
        Route(f"{here}/foresee", answers.foresee, methods=["POST"]),
        Route(f"{here}/decide", answers.decide, methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_Guarded, guard=guard)],
        exception_handlers={
            TroubleError: _trouble,
            HTTPException: _not_found,
            ReelsheetError: _told,
            Exception: _fault,
        },
    )
    # Outside of everything, so that pages that tell of a fault have them, too.
    return WithHeaders(app)


class _Guarded:
    """Asks the guard before anything else."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app, self._guard = app, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            self._guard.check(request)
        except TroubleError as trouble:
            await (await _trouble(request, trouble))(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Answers:
    """One method for each address."""

    def __init__(self, desk: Desk, guard: Guard) -> None:
        self._desk = desk
        self._guard = guard
        self._user = getpass.getuser()

    def overview(self, request: Request) -> Response:
        cards = self._desk.cards()
        return _page(request, "overview.html.j2", cards=cards, **self._common())

    def campaign(self, request: Request) -> Response:
        entry = self._entry(request)
        card, page = self._desk.page(entry, Asked.of(request.query_params))
        return _page(
            request,
            "campaign.html.j2",
            card=card,
            page=page,
            outcome=self._desk.remembered(request.query_params.get("said", "")),
            **self._desk.beside(entry, page),
            **self._common(),
        )

    def progress(self, request: Request) -> Response:
        entry = self._entry(request)
        card = self._desk.card(entry, ())
        return _page(request, "progress.html.j2", card=card)

    def foreseen(self, request: Request) -> Response:
        entry = self._entry(request)
        return _page(
            request,
            "foreseen.html.j2",
            entry=entry,
            foreseen=self._desk.foresight.of(entry),
            **self._common(),
        )

    def pulse(self, request: Request) -> Response:
        """Changes when there is something new, of one campaign or of all."""
        name = request.query_params.get("c")
        entries = [self._desk.shelf.entry(name)] if name else self._desk.shelf.entries()
        known = [entry for entry in entries if entry]
        return JSONResponse(
            {
                "reports": [entry.report.started_at for entry in known if entry.report],
                "batches": [f"{entry.batch.id} {entry.batch.state}" for entry in known if entry.batch],
            }
        )

    def file(self, request: Request) -> Response:
        path = rendition_file(self._entry(request), request.query_params)
        # With the key of what is in it the address is another one when the file is.
        return _file(path, "private, max-age=86400" if "v" in request.query_params else "private, no-cache")

    def still(self, request: Request) -> Response:
        return _file(evidence_file(self._entry(request), request.query_params), "private, no-cache")

    def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            raise TroubleError(404, "not_found")
        keep = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
        return Response(static(name), media_type=STATIC[name], headers=keep)

    def enter(self, request: Request) -> Response:
        """Where the printed link leads: the browser keeps the key, the address does not."""
        key = request.query_params.get("key", "")
        if self._guard.key and not self._guard.opens(key):
            raise TroubleError(403, "no_key")
        response = RedirectResponse("/", status_code=303)
        if self._guard.key:
            # Not strict: a browser that was brought here by a link in a chat would then not show it.
            response.set_cookie(self._guard.cookie, key, max_age=YEAR, httponly=True, samesite="lax")
        return response

    async def foresee(self, request: Request) -> Response:
        entry = await run_in_threadpool(self._entry, request)
        self._own(await _form(request))
        self._desk.foresight.begin(entry)
        return RedirectResponse(f"/c/{quote(entry.id)}", status_code=303)

    async def decide(self, request: Request) -> Response:
        form = await _form(request)
        self._own(form)
        return await run_in_threadpool(self._decide, request, form)

    def _decide(self, request: Request, form: Mapping[str, list[str]]) -> Response:
        entry = self._entry(request)
        if entry.report is None:
            raise TroubleError(409, "not_made_yet")
        outcome = decide(
            self._desk.settings,
            self._desk.ledger,
            entry.report,
            [_seen(token) for token in form.get("spot", [])],
            self._answer(form),
            entry.sheet,
        )
        asked = Asked.of({name: values[0] for name, values in form.items()})
        said = {"said": self._desk.remember(outcome)}
        query = "&".join(part for part in (asked.query(), urlencode(said)) if part)
        return RedirectResponse(f"/c/{quote(entry.id)}?{query}", status_code=303)

    def _answer(self, form: Mapping[str, list[str]]) -> Answer:
        decision, why = _first(form, "answer"), _first(form, "why")[:LONGEST_REASON]
        if decision not in ("approve", "refuse"):
            raise TroubleError(400, "bad_form")
        if not form.get("spot"):
            raise TroubleError(400, "no_selection")
        if not why:
            raise TroubleError(400, "no_reason")
        if not self._guard.key:
            return Answer(decision=decision, who=self._user, why=why)
        name = _first(form, "who")[:LONGEST_NAME]
        if not name:
            raise TroubleError(400, "no_name")
        # Everybody has the same key: whose page it was is certain, the name is what they said.
        return Answer(decision=decision, who=f"{name} (review page of {self._user})", why=why)

    def _own(self, form: Mapping[str, list[str]]) -> None:
        if not self._guard.is_own_form(_first(form, "token")):
            raise TroubleError(403, "stale_form")

    def _entry(self, request: Request) -> Entry:
        entry = self._desk.shelf.entry(request.path_params["campaign"])
        if entry is None:
            raise TroubleError(404, "not_found")
        return entry

    def _common(self) -> dict[str, Any]:
        return {
            "token": self._guard.token,
            "who": self._user,
            "shared": bool(self._guard.key),
            "by_itself": self._desk.by_itself,
        }


def _page(request: Request, template: str, /, *, status: int = 200, **given: Any) -> HTMLResponse:
    wanted = request.query_params.get("lang", "")
    known = wanted if wanted in LANGUAGES else request.cookies.get(LANGUAGE, "")
    words = Words(known if known in LANGUAGES else language_of(request.headers.get("accept-language", "")))
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    here = f"{quote(request.url.path)}?{urlencode([*others, ('lang', words.other)])}"
    response = HTMLResponse(render(template, words, other_language=here, **given), status)
    if wanted in LANGUAGES:
        response.set_cookie(LANGUAGE, wanted, max_age=YEAR, httponly=True, samesite="lax")
    return response


def _file(path: Path | None, keep: str) -> Response:
    if path is None:
        raise TroubleError(404, "not_found")
    return FileResponse(
        path,
        media_type=TYPES[path.suffix.lower()],
        filename=path.name,
        content_disposition_type="inline",
        headers={"Cache-Control": keep},
    )


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form as browsers send it."""
    if (
        request.headers.get("content-type", "").partition(";")[0].strip()
        != "application/x-www-form-urlencoded"
    ):
        raise TroubleError(400, "bad_form")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            raise TroubleError(413, "bad_form")
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise TroubleError(400, "bad_form") from error


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0].strip()


def _seen(token: str) -> Seen:
    """What a person looked at, as the page had written it into its form."""
    about, _, rest = token.partition(":")
    last, _, spot_id = rest.partition(":")
    if not (about and spot_id and last.isascii() and last.isdigit() and len(last) < 16):
        raise TroubleError(400, "bad_form")
    return Seen(spot_id=spot_id, about=about, last=int(last))


async def _trouble(request: Request, trouble: Exception) -> Response:
    assert isinstance(trouble, TroubleError)
    return _page(request, "message.html.j2", status=trouble.status, key=trouble.key, said="")


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    key = "not_found" if error.status_code == 404 else "not_here"
    return _page(request, "message.html.j2", status=error.status_code, key=key, said="")


async def _told(request: Request, error: Exception) -> Response:
    """The ledger or the store refused, for one: said in the sentence that the terminal would say."""
    return _page(request, "message.html.j2", status=503, key="", said=str(error))


async def _fault(request: Request, _error: Exception) -> Response:
    return _page(request, "message.html.j2", status=500, key="fault", said="")
