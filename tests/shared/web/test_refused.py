"""A refusal: a page for people, a problem for machines, the same code in both."""

import httpx
import pytest

MACHINE = {"Accept": "application/json"}


async def test_a_browser_is_told_in_words(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/refused?lang=en")
    assert (answer.status_code, answer.headers["content-type"]) == (409, "text/html; charset=utf-8")
    assert "This does not fit any more" in answer.text
    assert "Nothing that was recorded before is lost." in answer.text
    assert "Nothing here yet." in answer.text  # the advice of its code
    assert "<code>phase_over</code>" in answer.text
    assert "<script>" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_it_is_told_in_its_language(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/refused")
    assert "La situation a changé" in answer.text
    assert "Rien ici pour l’instant." in answer.text


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
async def test_a_machine_is_told_a_problem(browser: httpx.AsyncClient, accept: str) -> None:
    answer = await browser.get("/refused", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["status"]) == ("phase_over", 409)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/page", 405, "method_not_allowed"),
        ("POST", "/form", 422, "malformed"),
        ("GET", "/broken", 500, "internal_error"),
        ("GET", "/later", 503, "service_unavailable"),
    ],
)
async def test_what_goes_wrong_has_its_page(
    browser: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    page = await browser.request(method, path)
    assert (page.status_code, f"<code>{code}</code>" in page.text) == (status, True)
    assert "secret" not in page.text
    problem = await browser.request(method, path, headers=MACHINE)
    assert (problem.status_code, problem.json()["code"]) == (status, code)


async def test_what_a_client_needs_of_the_headers_is_kept(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/later")).headers
    assert headers["retry-after"] == "7"
    assert "x-inner" not in headers


async def test_answers_that_are_no_refusals_stay_as_they_are(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/json")).json() == {"all": "well"}
