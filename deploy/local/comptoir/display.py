"""What a person sees of a replay: how far it is, and what came of it."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.table import Table

from comptoir.edition import Edition
from comptoir.forgetting import Forgotten
from comptoir.proof import Proof
from comptoir.replay import Replayed

STEPS = {
    "servers": "Starting PostgreSQL, Kafka and the services",
    "charter": "Charter published by two officers",
    "ideas": "Ideas deposited by mailed links",
    "counters": "Places at counters asked for",
    "dossiers": "Dossiers filed",
    "reviews": "Dossiers read until they are complete",
    "handoffs": "Handed from desk to desk, with an answer",
    "bodies": "Votes of a body by name, validated",
    "funding": "Grants followed to their end",
    "committee": "Labels voted on by the committee's seats",
    "round": "Round opened by two officers",
    "roll": "Voters on the roll",
    "projects": "Projects proposed",
    "codes": "Codes posted",
    "papers": "Papers entered by two officers",
    "ballots": "Ballots cast",
    "openings": "Ballots opened by the commission",
    "decision": "Counted, decided, in the ledger",
    "forgetting": "A carrier's name erased by two administrators",
    "proof": "Ledger verified, recounted",
}


class Display:
    """A bar per step; on a terminal they move, elsewhere each is printed when it is full."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            console=console,
            disable=not self._live,
        )
        self._tasks: dict[str, TaskID] = {}
        self._shown = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show how far a step is; ten times a second is often enough."""
        now = time.monotonic()
        if 0 < done < total and now - self._shown < 0.1:
            return
        self._shown = now
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(STEPS[step], total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)
        if done == total and not self._live:
            self._console.print(f"{STEPS[step]}: {total}", highlight=False)


def report(console: Console, result: Replayed) -> None:
    """The funded projects, the ledger and the verdicts."""
    console.print(_funded(result))
    refused, void = _by_code(result.refusals), _by_code(result.void)
    lines = [
        f"{len(result.promised)} ballots accepted, {result.refusals.total()} refused{refused}",
        f"{sum(result.void.values())} of them void{void}",
        f"{result.ballots_per_second:.0f} ballots a second, token and cast together",
        f"Ledger {result.log}: {result.ledger_size} entries, under this checkpoint:",
        *(f"    {line}" for line in result.checkpoint.strip().splitlines()),
        f"Checkpoint and entries verified: {_yes(result.checkpoint_verified)}",
        f"Recount from the entries alone agrees: {_yes(result.recount_agrees)}",
        *(f"    {difference}" for difference in result.differences),
    ]
    if result.counted_agrees is not None:
        counted = _yes(result.counted_agrees)
        lines.append(f"Same winners in the same order as by `comptoir count`: {counted}")
    if result.agrees is not None:
        lines.append(f"Same projects as in {result.election.file}: {_yes(result.agrees)}")
    lines += result.held.notes
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def report_edition(
    console: Console,
    edition: Edition,
    committee: dict[str, Any],
    results: dict[str, Any],
    proof: Proof,
    forgotten: Forgotten,
    pages: list[str],
) -> None:
    """The funded projects of an edition, its ledger, the verdicts, and what to look at."""
    console.print(_winners(edition, results))
    voters = sum(part["voters"] or 0 for part in results["turnout"])
    issued = sum(part["issued"] or 0 for part in results["turnout"])
    standing = results["standing"]
    lines = [
        _labelled(committee),
        f"{voters} voters of {issued} who had a token or a paper; the result is {standing}",
        f"Ledger {proof.log}: {proof.size} entries, under this checkpoint:",
        *(f"    {line}" for line in proof.checkpoint.strip().splitlines()),
        f"Checkpoint and entries verified: {_yes(proof.checkpoint_verified)}",
        f"Recount from the entries alone agrees: {_yes(proof.recount_agrees)}",
        *_others(proof),
        *(f"    {difference}" for difference in proof.differences),
        *_receipt(proof),
        f"All of this after a carrier's name was erased, in entries {_listed(forgotten.indexes)}",
        *pages,
    ]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _labelled(results: dict[str, Any]) -> str:
    """What the committee's vote came to."""
    decided = Counter(project["reason"] for project in results["projects"])
    voted, seats = results["ballots"]["counted"], results["format"]["members"]
    return (
        f"{voted} of the committee's {seats} seats voted on {decided.total()} dossiers:"
        f" {decided['funded']} have their label, {decided['rejected']} no majority,"
        f" {decided['no_quorum']} no quorum"
    )


def _receipt(proof: Proof) -> list[str]:
    if not proof.receipt:
        return []
    head = "The receipt of a voter who changed her mind, which `ledger-audit proof` takes:"
    return [head, *(f"    {line}" for line in proof.receipt.strip().splitlines())]


def _others(proof: Proof) -> list[str]:
    """What a program that we did not write says of the same log."""
    if proof.accepted_by is None:
        return ["No other program was asked: `make foreign` installs some"]
    return [f"Accepted by {asked}: {_yes(said)}" for asked, said in proof.accepted_by.items()]


def _listed(indexes: Sequence[int]) -> str:
    return ", ".join(map(str, indexes))


def _winners(edition: Edition, results: dict[str, Any]) -> Table:
    funded = [project for project in results["projects"] if project["funded"]]
    table = Table(title=f"{edition.title}: {len(funded)} projects are funded")
    table.add_column("", justify="right")
    table.add_column("title")
    table.add_column("territory")
    table.add_column("votes", justify="right")
    table.add_column("cost", justify="right")
    for project in funded:
        votes, cost = str(project["votes"]), euros(project["cost"])
        table.add_row(
            str(project["rank"]), project["title"], project["territory"] or "", votes, cost
        )
    table.add_section()
    budget = f"of an envelope of {euros(results['budget'])}"
    table.add_row("", budget, "", "", euros(results["spent"]))
    return table


def _funded(result: Replayed) -> Table:
    projects = {project.id: project for project in result.election.projects}
    many = f"{len(result.funded)} projects are funded by {result.held.name}"
    table = Table(title=f"{result.election.title}: {many}")
    table.add_column("", justify="right")
    table.add_column("project")
    table.add_column("title")
    table.add_column("paid", justify="right")
    for place, id in enumerate(result.funded, start=1):
        table.add_row(str(place), id, projects[id].name, euros(result.amounts[id]))
    table.add_section()
    table.add_row("", "", f"of a budget of {euros(result.held.rule.budget)}", euros(result.spent))
    return table


def euros(cents: int) -> str:
    """An amount in units of money, as text: the file's currency, whichever it is."""
    return f"{cents // 100:,}.{cents % 100:02d}".replace(",", " ")


def _by_code(counts: Mapping[str, int]) -> str:
    return "".join(f", {counts[code]} x {code}" for code in sorted(counts, key=counts.__getitem__))


def _yes(verdict: bool) -> str:
    return "yes" if verdict else "NO"
