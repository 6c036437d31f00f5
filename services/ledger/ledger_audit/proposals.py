"""What events before a vote say: ideas, dossiers, carriers, counters and handoffs.

As in `sentences`: `{field:form}` is a field of the body, in a form of `words`.
"""

SENTENCES: dict[str, tuple[str, str]] = {
    "submission.idea-deposited.v1": (
        "An idea was deposited. Its words stand behind a hash, and who carries it is not public.",
        "Une idée a été déposée. Ses mots sont derrière une empreinte ; qui la porte n’est pas "
        "public.",
    ),
    "submission.idea-supported.v1": (
        "Residents support an idea. So many do by now: {supporters:number}. Who they are is not "
        "public.",
        "Des habitants soutiennent une idée. Ils sont désormais : {supporters:number}. Qui ils "
        "sont n’est pas public.",
    ),
    "submission.dossier-filed.v1": (
        "A dossier was filed. It asks for {cost:money}.",
        "Un dossier a été déposé. Il demande {cost:money}.",
    ),
    "submission.dossier-amended.v1": (
        "A dossier was changed. It now asks for {cost:money}.",
        "Un dossier a été modifié. Il demande désormais {cost:money}.",
    ),
    "submission.dossier-reviewed.v1": (
        "An officer read a dossier. What it lacks: {missing:count}.",
        "Un agent a lu un dossier. Ce qui y manque : {missing:count}.",
    ),
    "submission.project-labelled.v1": (
        "The committee gave a project its label: it will be voted on, for at most {ceiling:money}.",
        "La commission a labellisé un projet : il sera soumis au vote, pour {ceiling:money} au "
        "plus.",
    ),
    "submission.label-refused.v1": (
        "The committee refused a project its label, by a vote or for a reason whose words stand "
        "behind a hash.",
        "La commission a refusé de labelliser un projet, par un vote ou pour un motif dont les "
        "mots sont derrière une empreinte.",
    ),
    "submission.projects-merged.v1": (
        "An officer merged other projects into one, with who supports and carries them. Projects "
        "merged: {merged:count}.",
        "Un agent a fusionné d’autres projets dans un projet, avec ceux qui les soutiennent et les "
        "portent. Projets fusionnés : {merged:count}.",
    ),
    "submission.project-split.v1": (
        "An officer split a project into new ones of the same carrier; it goes no further itself. "
        "New projects: {into:count}.",
        "Un agent a scindé un projet en plusieurs nouveaux du même porteur ; lui-même s’arrête "
        "là. Nouveaux projets : {into:count}.",
    ),
    "submission.project-withdrawn.v1": (
        "The carrier of a project withdrew it: it goes no further.",
        "Le porteur d’un projet l’a retiré : il s’arrête là.",
    ),
    "submission.project-suspended.v1": (
        "An officer suspended a project: until it goes on, nothing of it is filed, reviewed or "
        "voted on.",
        "Un agent a suspendu un projet : tant qu’il l’est, rien n’en est déposé, examiné ni soumis "
        "au vote.",
    ),
    "submission.project-resumed.v1": (
        "A project that was suspended goes on.",
        "Un projet qui était suspendu reprend.",
    ),
    "submission.document-attached.v1": (
        "A file was attached to a project, as its document “{document:text}”: {length:number} "
        "bytes of {media:text}. What commits to it is a hash; the file is not public.",
        "Un fichier a été joint à un projet, comme document « {document:text} » : "
        "{length:number} octets de {media:text}. Une empreinte l’atteste ; il n’est pas public.",
    ),
    "submission.document-removed.v1": (
        "A file of a project is gone: {ground:removed}.",
        "Un fichier d’un projet n’est plus là : {ground:removed}.",
    ),
    "submission.carrier-joined.v1": (
        "Somebody ({carrier_type:carrier}) joined a project, and {part:part}.",
        "Quelqu’un ({carrier_type:carrier}) a rejoint un projet et {part:part}.",
    ),
    "submission.carrier-left.v1": (
        "Somebody left a project: the one that {part:part}.",
        "Quelqu’un a quitté un projet : celui qui {part:part}.",
    ),
    "submission.carrier-cleared.v1": (
        "An officer found the carrier of a project in order for an agreement. What was checked: "
        "{checked:checked}.",
        "Un agent a constaté que le porteur d’un projet est en règle pour une convention. Ce qui a "
        "été vérifié : {checked:checked}.",
    ),
    "submission.clearance-withdrawn.v1": (
        "The carrier of a project is in order for an agreement no more.",
        "Le porteur d’un projet n’est plus en règle pour une convention.",
    ),
    "submission.carrier-asked.v1": (
        "An officer asked the carrier of a project for what is missing before an agreement: "
        "{missing:checked}.",
        "Un agent a demandé au porteur d’un projet ce qui manque avant une convention : "
        "{missing:checked}.",
    ),
    "submission.aid-entered.v1": (
        "An officer entered de minimis aid that the carrier of a project declared: "
        "{amount:money}, granted on {granted_on:day}.",
        "Un agent a saisi une aide de minimis déclarée par le porteur d’un projet : "
        "{amount:money}, accordée le {granted_on:day}.",
    ),
    "submission.aid-removed.v1": (
        "An officer took back de minimis aid of the carrier of a project: {amount:money}, granted "
        "on {granted_on:day}.",
        "Un agent a retiré une aide de minimis du porteur d’un projet : {amount:money}, accordée "
        "le {granted_on:day}.",
    ),
    "submission.gathering-announced.v1": (
        "A counter will be held from {begins_at:moment} to {ends_at:moment}. Places: "
        "{capacity:number}.",
        "Un comptoir se tiendra du {begins_at:moment} au {ends_at:moment}. Places : "
        "{capacity:number}.",
    ),
    "submission.gathering-amended.v1": (
        "An officer changed a counter: it will be held from {begins_at:moment} to "
        "{ends_at:moment}. Places: {capacity:number}.",
        "Un agent a modifié un comptoir : il se tiendra du {begins_at:moment} au "
        "{ends_at:moment}. Places : {capacity:number}.",
    ),
    "submission.gathering-cancelled.v1": (
        "An officer cancelled a counter: it will not be held.",
        "Un agent a annulé un comptoir : il n’aura pas lieu.",
    ),
    "submission.gathering-held.v1": (
        "A counter was held. Projects that had a place: {registered:number}; that came: "
        "{attended:number}; that did not come: {missed:number}; that waited for a place: "
        "{waited:number}.",
        "Un comptoir s’est tenu. Projets qui avaient une place : {registered:number} ; venus : "
        "{attended:number} ; pas venus : {missed:number} ; en attente d’une place : "
        "{waited:number}.",
    ),
    "submission.handoff-requested.v1": (
        "A project was handed to a desk.",
        "Un projet a été confié à un bureau.",
    ),
    "submission.handoff-accepted.v1": (
        "A desk took a project on.",
        "Un bureau a pris un projet en charge.",
    ),
    "submission.handoff-redirected.v1": (
        "A desk handed a project on, to the desk “{to_desk:text}”.",
        "Un bureau a transmis un projet au bureau « {to_desk:text} ».",
    ),
    "submission.handoff-scheduled.v1": (
        "A project that waited has a place at a session now: one was given back.",
        "Un projet qui attendait a désormais une place à une séance : une s’est libérée.",
    ),
    "submission.place-awaited.v1": (
        "All places at a session are given, and a project waits for one. Others that wait before "
        "it: {ahead:number}.",
        "Toutes les places d’une séance sont prises, et un projet en attend une. Ceux qui "
        "attendent avant lui : {ahead:number}.",
    ),
    "submission.handoff-declined.v1": (
        "The adviser of a counter could not take an idea on.",
        "Le conseiller d’un comptoir n’a pas pu accompagner une idée.",
    ),
    "submission.handoff-attended.v1": (
        "The carrier of an idea was at the counter: a dossier may be filed.",
        "Le porteur d’une idée est venu au comptoir : un dossier peut être déposé.",
    ),
    "submission.handoff-missed.v1": (
        "The carrier of an idea did not come to the counter; another one can be asked.",
        "Le porteur d’une idée n’est pas venu au comptoir ; un autre peut être demandé.",
    ),
    "submission.handoff-returned.v1": (
        "A project is back with its carrier: {cause:cause}.",
        "Un projet est revenu à son porteur : {cause:cause}.",
    ),
}
# What is said instead, of an event that has the field.
INSTEAD: dict[str, dict[str, tuple[str, str]]] = {
    "submission.idea-deposited.v1": {
        "source": (
            "An idea came in an imported file. Its words stand behind a hash, and who carries it "
            "is not public.",
            "Une idée est venue d’un fichier importé. Ses mots sont derrière une empreinte ; qui "
            "la porte n’est pas public.",
        ),
    },
    "submission.project-withdrawn.v1": {
        "officer": (
            "An officer withdrew a project: it goes no further.",
            "Un agent a retiré un projet : il s’arrête là.",
        ),
    },
    "submission.handoff-requested.v1": {
        "after": (
            "A project came to a desk from another one.",
            "Un projet est arrivé à un bureau, venant d’un autre.",
        ),
        "gathering_id": (
            "The carrier of an idea asked for a place at a counter.",
            "Le porteur d’une idée a demandé une place à un comptoir.",
        ),
    },
    "submission.handoff-accepted.v1": {
        "gathering_id": (
            "The adviser of a counter took an idea on.",
            "Le conseiller d’un comptoir a accepté d’accompagner une idée.",
        ),
    },
    "submission.handoff-scheduled.v1": {
        "officer": (
            "An officer gave a project a place at a session.",
            "Un agent a donné à un projet une place à une séance.",
        ),
    },
}
_DESK = ("The desk: {desk:text}.", "Le bureau : {desk:text}.")
_DUE = (
    "The next step is due by {due_at:moment}.",
    "La suite est attendue au plus tard le {due_at:moment}.",
)
_REASON = (
    "The words of the reason stand behind a hash.",
    "Les mots du motif sont derrière une empreinte.",
)
_STEP = {"desk": _DESK, "due_at": _DUE, "reason": _REASON}
_SUBJECT = {
    "theme": ("Its theme: {theme:text}.", "Thème : {theme:text}."),
    "category": ("Its category: {category:text}.", "Catégorie : {category:text}."),
}
_DOSSIER = {
    **_SUBJECT,
    "carrier_type": (
        "Who carries it: {carrier_type:carrier}.",
        "Qui le porte : {carrier_type:carrier}.",
    ),
    "nature": (
        "What the money is for: {nature:nature}.",
        "Ce que l’argent paie : {nature:nature}.",
    ),
    "costs": ("What it costs in all: {costs:total}.", "Ce qu’il coûte en tout : {costs:total}."),
    "income": ("Who pays: {income:payers}.", "Qui paie : {income:payers}."),
    "months": ("Months that it takes: {months:number}.", "Durée en mois : {months:number}."),
    "principles": (
        "Principles that it keeps: {principles:count}.",
        "Principes qu’il respecte : {principles:count}.",
    ),
    "charter_version": (
        "It is held to version {charter_version:number} of the charter.",
        "La version {charter_version:number} de la charte vaut pour lui.",
    ),
}
_GATHERING = {
    "workshops": ("Its workshops: {workshops:count}.", "Ses ateliers : {workshops:count}."),
    "online": ("It is held online.", "Il se tient en ligne."),
    **_STEP,
}
# What is said behind it, of an event that has the field.
FURTHER: dict[str, dict[str, tuple[str, str]]] = {
    "submission.idea-deposited.v1": _SUBJECT,
    "submission.dossier-filed.v1": _DOSSIER,
    "submission.dossier-amended.v1": _DOSSIER,
    "submission.dossier-reviewed.v1": {
        "until": (
            "It can be completed until {until:moment}.",
            "Il peut être complété jusqu’au {until:moment}.",
        ),
    },
    "submission.carrier-joined.v1": {
        "status": ("Its status: {status:text}.", "Son statut : {status:text}."),
        "founded_on": ("It exists since {founded_on:day}.", "Sa création : le {founded_on:day}."),
        "seat": ("Its seat: {seat:text}.", "Son siège : {seat:text}."),
        "sse_until": (
            "Its identifier of the social and solidarity economy holds until {sse_until:day}.",
            "Son identifiant de l’économie sociale et solidaire est valable jusqu’au "
            "{sse_until:day}.",
        ),
    },
    "submission.carrier-cleared.v1": {
        "contract_on": (
            "The contract is of {contract_on:day}.",
            "Le contrat est daté du {contract_on:day}.",
        ),
        "de_minimis": (
            "De minimis aid of three years that it declares, without this grant: "
            "{de_minimis:money}.",
            "Aides de minimis qu’il déclare sur trois ans, sans cette subvention : "
            "{de_minimis:money}.",
        ),
        "sse_until": (
            "The identifier of the social and solidarity economy that the officer saw holds until "
            "{sse_until:day}.",
            "L’identifiant de l’économie sociale et solidaire que l’agent a vu est valable "
            "jusqu’au {sse_until:day}.",
        ),
    },
    "submission.gathering-announced.v1": _GATHERING,
    "submission.gathering-amended.v1": _GATHERING,
    **{
        f"submission.{kind}.v1": _STEP
        for kind in (
            *("handoff-requested", "handoff-accepted", "handoff-redirected", "handoff-scheduled"),
            *("place-awaited", "handoff-declined", "handoff-attended", "handoff-missed"),
            *("handoff-returned", "gathering-cancelled", "projects-merged", "project-split"),
            *("project-withdrawn", "project-suspended", "project-resumed", "carrier-left"),
            *("clearance-withdrawn", "aid-entered", "aid-removed"),
        )
    },
}
# The words for a name that a field knows, by form.
NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "carrier": {
        "person": ("a person", "une personne"),
        "collective": ("an informal collective", "un collectif informel"),
        "class": ("a school class", "une classe"),
        "association": ("an association", "une association"),
        "sse-company": (
            "a company of the social and solidarity economy",
            "une entreprise de l’économie sociale et solidaire",
        ),
        "esus-company": (
            "a solidarity company of social utility (ESUS)",
            "une entreprise solidaire d’utilité sociale (ESUS)",
        ),
        "cooperative": ("a cooperative", "une coopérative"),
        "mutual": ("a mutual society", "une mutuelle"),
        "insurance-mutual": ("a mutual insurance company", "une mutuelle d’assurance"),
        "foundation": ("a foundation", "une fondation"),
        "municipality": ("a municipality", "une commune"),
        "intermunicipality": ("a group of municipalities", "une intercommunalité"),
        "department": ("the Department", "le Département"),
    },
    "part": {
        "lead": ("answers for it", "en répond"),
        "joint": ("carries it beside another one", "le porte avec un autre"),
        "sponsor": ("is its sponsor", "le parraine"),
        "host": ("lends its premises to it", "lui prête ses locaux"),
        "research-partner": ("studies it", "l’étudie"),
        "co-funder": ("pays a part of it", "en paie une part"),
    },
    "checked": {
        "identifier": ("its number", "son numéro"),
        "status": ("the proof of its status", "la preuve de son statut"),
        "contract": (
            "the republican-commitment contract",
            "le contrat d’engagement républicain",
        ),
        "de-minimis": ("the ceiling of de minimis aid", "le plafond des aides de minimis"),
        "sse": (
            "its identifier of the social and solidarity economy",
            "son identifiant de l’économie sociale et solidaire",
        ),
    },
    "nature": {
        "operating": ("running costs", "du fonctionnement"),
        "investment": ("investment", "de l’investissement"),
    },
    "payer": {
        "asked": ("the programme", "le programme"),
        "own": ("its carrier", "son porteur"),
        "other-public": ("other authorities", "d’autres collectivités"),
        "private": ("private funders", "des financeurs privés"),
        "in-kind": ("work and things that are given", "du travail et des biens donnés"),
    },
    "removed": {
        "replaced": ("another one replaced it", "un autre l’a remplacé"),
        "withdrawn": ("its carrier took it back", "son porteur l’a repris"),
        "erased": ("it was erased", "il a été effacé"),
    },
    "cause": {
        "done": ("it was guided", "il a été accompagné"),
        "declined": ("the desk does not take it on", "le bureau ne le prend pas en charge"),
        "unanswered": ("the desk did not answer in time", "le bureau n’a pas répondu à temps"),
        "missed": ("nobody came to the session", "personne n’est venu à la séance"),
        "withdrawn": ("it goes no further", "il s’arrête là"),
        "cancelled": (
            "what it was handed over for does not take place",
            "ce pour quoi il avait été confié n’a pas lieu",
        ),
    },
}
