"""What each event says, in plain words: one sentence a type, in English and in French.

`{field:form}` is a field of the event's body, in a form of `words`; a sentence states what its
entry states and looks nothing up. Those of what comes before and after a vote are in `proposals`
and `funding`.
"""

from ledger_audit import funding, proposals

# Of a ballot that says no choices, and of an opening that says none.
SEALED: dict[str, tuple[str, str]] = {
    "voting.ballot-cast.v1": (
        "A sealed ballot was cast, its version {revision:number}. Nobody can read it before the "
        "vote is over; it names no voter.",
        "Un bulletin scellé a été déposé, sa version {revision:number}. Personne ne peut le lire "
        "avant la fin du vote ; il ne nomme personne.",
    ),
    "voting.ballot-opened.v1": (
        "The commission could not open a ballot, its version {revision:number}: it is void.",
        "La commission n’a pas pu ouvrir un bulletin, sa version {revision:number} : il est nul.",
    ),
}
# Of a vote that is opened, behind its own sentence: where ballots leave the box among others, and
# where its charter names an identity provider.
FLUSH = (
    "Ballots leave the box with those of at least {flush:least} voters, at least {flush:minutes} "
    "minutes after the last.",
    "Les bulletins quittent l’urne avec ceux d’au moins {flush:least} votants, au moins "
    "{flush:minutes} minutes après les précédents.",
)
VOUCHED = (
    "An identity provider may vouch for voters.",
    "Un fournisseur d’identité peut attester qui vote.",
)
# Of the roll's counts, where it gave second codes.
_REISSUED = (
    "The roll counted the rights to vote that it gave out so far: {issued:sum}. Second codes given "
    "to people who had lost theirs: {reissued:sum}; so many voters at most are counted twice.",
    "La liste des votants a compté les droits de vote donnés jusque-là : {issued:sum}. Deuxièmes "
    "codes donnés à des personnes qui avaient perdu le leur : {reissued:sum} ; autant de votants, "
    "au plus, sont comptés deux fois.",
)
# Behind either, since the roll says so.
_CODES = (
    "Codes that were posted, imported or given: {codes:sum}.",
    "Codes envoyés, importés ou remis : {codes:sum}.",
)
# What is said behind it, of a charter that names the act by which it was adopted.
_ADOPTED = ("It was adopted: {adopted:adopted}.", "Adoption : {adopted:adopted}.")
# What is said instead, or behind it, of an event that has the field.
INSTEAD: dict[str, dict[str, tuple[str, str]]] = {
    **proposals.INSTEAD,
    "voting.tokens-issued.v1": {"reissued": _REISSUED},
}
FURTHER: dict[str, dict[str, tuple[str, str]]] = {
    **proposals.FURTHER,
    **funding.FURTHER,
    "voting.tokens-issued.v1": {"codes": _CODES},
    "submission.charter-published.v1": {"adopted": _ADOPTED},
    "submission.charter-amended.v1": {"adopted": _ADOPTED},
    "submission.options-frozen.v1": {
        "charter": (
            "The charter that holds for them has the hash {charter:text}.",
            "La charte qui vaut pour eux a l’empreinte {charter:text}.",
        ),
    },
}
# The words for a name that a field knows, by form.
NAMES: dict[str, dict[str, tuple[str, str]]] = {**proposals.NAMES, **funding.NAMES}
SENTENCES: dict[str, tuple[str, str]] = {
    **proposals.SENTENCES,
    **funding.SENTENCES,
    "submission.charter-published.v1": (
        "A programme was published; what follows of it stands in the log {log:text}.",
        "Un programme a été publié ; la suite est dans le journal {log:text}.",
    ),
    "submission.charter-amended.v1": (
        "Two officers amended the charter, for a reason whose words stand behind a hash: its "
        "version {version:number} takes effect {takes_effect_at:moment}. Those before it stay.",
        "Deux agents ont modifié la charte, pour un motif dont les mots sont derrière une "
        "empreinte : sa version {version:number} prend effet le {takes_effect_at:moment}. Les "
        "précédentes restent.",
    ),
    "submission.phase-opened.v1": (
        "The phase “{phase:text}” began: {at:moment}.",
        "La phase « {phase:text} » a commencé : {at:moment}.",
    ),
    "submission.phase-closed.v1": (
        "The phase “{phase:text}” ended: {at:moment}.",
        "La phase « {phase:text} » a pris fin : {at:moment}.",
    ),
    "submission.phase-redated.v1": (
        "Two officers gave the phase “{phase:text}” other dates: from {opens_at:moment} to "
        "{closes_at:moment}.",
        "Deux agents ont changé les dates de la phase « {phase:text} » : du {opens_at:moment} au "
        "{closes_at:moment}.",
    ),
    "submission.import-begun.v1": (
        "An officer had a file recorded, for a reason whose words stand behind a hash. Its rows: "
        "{rows:number}.",
        "Un agent a fait enregistrer un fichier, pour un motif dont les mots sont derrière une "
        "empreinte. Ses lignes : {rows:number}.",
    ),
    "submission.options-frozen.v1": (
        "The options of a vote were frozen: from now on they cannot change. Options: "
        "{options:count}.",
        "Les choix d’un vote ont été figés : ils ne peuvent plus changer. Choix : {options:count}.",
    ),
    "submission.role-granted.v1": (
        "An officer was given a role: {role:text}.",
        "Un agent a reçu un rôle : {role:text}.",
    ),
    "submission.role-revoked.v1": (
        "An officer lost a role: {role:text}.",
        "Un agent a perdu un rôle : {role:text}.",
    ),
    "submission.content-erased.v1": (
        "Words were erased; what commits to them stays. Texts: {content_ids:count}.",
        "Des mots ont été effacés ; leur empreinte demeure. Textes : {content_ids:count}.",
    ),
    "submission.resident-erased.v1": (
        "A resident was forgotten, at her wish or with the last idea that she carried.",
        "Un habitant a été oublié, à sa demande ou avec la dernière idée qu’il portait.",
    ),
    "notification.key-destroyed.v1": (
        "A key was destroyed: what was sealed to it can be read by nobody any more.",
        "Une clé a été détruite : plus personne ne peut lire ce qui était scellé pour elle.",
    ),
    "submission.second-officer-asked.v1": (
        "An officer asked for what another one has to confirm: {act:text}.",
        "Un agent a demandé ce qu’un autre doit confirmer : {act:text}.",
    ),
    "submission.second-officer-consented.v1": (
        "Another officer confirmed it, and it was done.",
        "Un autre agent l’a confirmé, et ce fut fait.",
    ),
    "submission.second-officer-declined.v1": (
        "It was declined, or taken back.",
        "Cela a été refusé, ou retiré.",
    ),
    "voting.round-prepared.v1": (
        "A vote was prepared; nobody can vote yet. Options: {options:number}.",
        "Un vote a été préparé ; personne ne peut encore voter. Choix : {options:number}.",
    ),
    "voting.option-listed.v1": (
        "Option {number:number} of a vote, for {cost:money}.",
        "Le choix {number:number} d’un vote, pour {cost:money}.",
    ),
    "voting.round-opened.v1": (
        "A vote was opened; from now on none of its rules changes. It runs from {opens_at:moment} "
        "to {closes_at:moment}; {budget:money} is shared out.",
        "Un vote a été ouvert ; aucune de ses règles ne change plus. Il dure du {opens_at:moment} "
        "au {closes_at:moment} ; {budget:money} sont à répartir.",
    ),
    "voting.round-opened.v2": (
        "A vote was opened; from now on none of its rules changes. It runs from {opens_at:moment} "
        "to {closes_at:moment}; options: {options:number}; {rule:budget} is shared out.",
        "Un vote a été ouvert ; aucune de ses règles ne change plus. Il dure du {opens_at:moment} "
        "au {closes_at:moment} ; choix : {options:number} ; {rule:budget} sont à répartir.",
    ),
    "voting.round-closed.v1": (
        "A vote ended: {closed_at:moment}.",
        "Un vote a pris fin : {closed_at:moment}.",
    ),
    "voting.tier-keys-prepared.v1": (
        "The roll made the keys that sign rights to vote.",
        "La liste des votants a créé les clés qui signent les droits de vote.",
    ),
    "voting.tier-keys-destroyed.v1": (
        "The keys that signed rights to vote are destroyed: no more can be made.",
        "Les clés qui signaient les droits de vote sont détruites : plus aucun ne peut être créé.",
    ),
    "voting.tokens-issued.v1": (
        "The roll counted the rights to vote that it gave out so far: {issued:sum}.",
        "La liste des votants a compté les droits de vote donnés jusque-là : {issued:sum}.",
    ),
    "voting.ballot-cast.v1": (
        "A ballot was cast, its version {revision:number}: {choices:choices}. It names no voter.",
        "Un bulletin a été déposé, sa version {revision:number} : {choices:choices}. Il ne nomme "
        "personne.",
    ),
    "voting.commission-prepared.v1": (
        "The commission of a sealed vote tried its key: its holders opened a test ballot.",
        "La commission d’un vote scellé a essayé sa clé : ses membres ont ouvert un bulletin "
        "d’essai.",
    ),
    "voting.ballot-opened.v1": (
        "The commission opened a ballot, its version {revision:number}: {choices:choices}. It "
        "names no voter.",
        "La commission a ouvert un bulletin, sa version {revision:number} : {choices:choices}. Il "
        "ne nomme personne.",
    ),
    "voting.box-closed.v1": (
        "The ballot box is closed. Voters: {keys:number}; ballots with all changes: "
        "{ballots:number}.",
        "L’urne est fermée. Votants : {keys:number} ; bulletins, changements compris : "
        "{ballots:number}.",
    ),
    "voting.seat-granted.v1": (
        "A seat of the body “{body_name:text}” was given to somebody, whose name stands behind a "
        "hash.",
        "Un siège de l’instance « {body_name:text} » a été attribué à une personne ; son nom est "
        "derrière une empreinte.",
    ),
    "voting.seat-withdrawn.v1": (
        "A seat of the body “{body_name:text}” was withdrawn, with a reason whose words stand "
        "behind a hash.",
        "Un siège de l’instance « {body_name:text} » a été retiré ; le motif est derrière une "
        "empreinte.",
    ),
    "voting.seat-ballot-cast.v1": (
        "A member voted under the seat {seat_id:text}; what was said there before: "
        "{revision:number}, this included. {choices:choices}.",
        "Un membre a voté sous le siège {seat_id:text} ; ce qui y a été dit jusque-là : "
        "{revision:number}, ceci compris. {choices:choices}.",
    ),
    "voting.seat-recused.v1": (
        "The seat {seat_id:text} is recused on option {number:number}.",
        "Le siège {seat_id:text} se récuse sur le choix {number:number}.",
    ),
    "voting.seats-closed.v1": (
        "Nothing more is said under the seats of this vote. Seats whose ballot is counted: "
        "{seats:number}; ballots with all changes: {ballots:number}.",
        "Plus rien n’est dit sous les sièges de ce vote. Sièges dont le bulletin est compté : "
        "{seats:number} ; bulletins, changements compris : {ballots:number}.",
    ),
    "voting.tie-asked.v1": (
        "The count waits: who gets what depends on the order of options that are level, and two "
        "officers say it. Such options: {options:count}.",
        "Le dépouillement attend : ce que chacun reçoit dépend de l’ordre de choix à égalité, que "
        "deux agents diront. Ces choix : {options:count}.",
    ),
    "voting.tie-ordered.v1": (
        "The order of options that were level was said. Such options: {order:count}.",
        "L’ordre de choix à égalité a été dit. Ces choix : {order:count}.",
    ),
    "voting.option-decided.v1": (
        "Option {number:number} {funded:funded}. Votes: {votes:number}; cost: {cost:money}.",
        "Le choix {number:number} {funded:funded}. Voix : {votes:number} ; coût : {cost:money}.",
    ),
    "voting.option-decided.v2": (
        "Option {number:number} {funded:funded}. Votes: {votes:number}; cost: {cost:money}; what "
        "it is paid: {amount:money}.",
        "Le choix {number:number} {funded:funded}. Voix : {votes:number} ; coût : {cost:money} ; "
        "versé : {amount:money}.",
    ),
    "voting.allocation-published.v1": (
        "A vote is decided. Options funded: {funded:number} of {options:number}, with "
        "{spent:money} of {budget:money}. Ballots: {ballots:number}.",
        "Un vote est décidé. Choix financés : {funded:number} sur {options:number}, avec "
        "{spent:money} de {budget:money}. Bulletins : {ballots:number}.",
    ),
    "voting.allocation-published.v2": (
        "A vote is decided. Options funded: {funded:number} of {options:number}, with "
        "{spent:money} of {budget:money}. Ballots: {ballots:number}, of which void: {void:sum}; "
        "blank: {blank:number}.",
        "Un vote est décidé. Choix financés : {funded:number} sur {options:number}, avec "
        "{spent:money} de {budget:money}. Bulletins : {ballots:number}, dont nuls : {void:sum} ; "
        "blancs : {blank:number}.",
    ),
    "voting.result-validated.v1": (
        "Two officers validated the result of a vote.",
        "Deux agents ont validé le résultat d’un vote.",
    ),
    "voting.paper-batch-opened.v1": (
        "A batch of ballot papers is being entered, each paper by two people. Stubs: "
        "{stubs:number}.",
        "Un lot de bulletins papier est en cours de saisie, chaque bulletin par deux personnes. "
        "Talons : {stubs:number}.",
    ),
    "voting.paper-batch-locked.v1": (
        "A batch of ballot papers is complete. Stubs: {stubs:number}; ballots: {ballots:number}; "
        "void papers: {void:sum}.",
        "Un lot de bulletins papier est complet. Talons : {stubs:number} ; bulletins : "
        "{ballots:number} ; nuls : {void:sum}.",
    ),
    "voting.paper-ballot-entered.v1": (
        "A ballot paper was counted: {choices:choices}. It names no voter.",
        "Un bulletin papier a été compté : {choices:choices}. Il ne nomme personne.",
    ),
    "voting.paper-batch-annulled.v1": (
        "Two officers annulled a batch of ballot papers: {reason:text}.",
        "Deux agents ont annulé un lot de bulletins papier : {reason:text}.",
    ),
    "voting.papers-closed.v1": (
        "Two officers said that all ballot papers are in. Batches: {batches:number}; stubs: "
        "{stubs:number}; ballots: {ballots:number}; void papers: {void:sum}.",
        "Deux agents ont dit que tous les bulletins papier sont là. Lots : {batches:number} ; "
        "talons : {stubs:number} ; bulletins : {ballots:number} ; nuls : {void:sum}.",
    ),
    "voting.papers-marked.v1": (
        "The roll counted the people marked as voting on paper: {marked:number}. Envelopes set "
        "aside unopened: {set_aside:number}.",
        "La liste des votants a compté les personnes inscrites comme votant sur papier : "
        "{marked:number}. Enveloppes écartées sans être ouvertes : {set_aside:number}.",
    ),
    "voting.registrations-counted.v1": (
        "The roll counted its registrations. With an identity: {registered:sum}. Held for two "
        "officers: {waiting:number} waiting, {admitted:number} admitted, {declined:number} "
        "declined. Admitted though the identity was on the roll already: {contested:number}; the "
        "vote {flagged:flagged} for that.",
        "La liste des votants a compté ses inscriptions. Avec une identité : {registered:sum}. "
        "Retenues pour deux agents : {waiting:number} en attente, {admitted:number} admises, "
        "{declined:number} refusées. Admises alors que l’identité était déjà inscrite : "
        "{contested:number} ; le vote {flagged:flagged} pour cela.",
    ),
    "voting.identities-destroyed.v1": (
        "The roll destroyed the key of a vote’s identities, and what it kept of people. People: "
        "{persons:number}; registrations that were held: {registrations:number}.",
        "La liste des votants a détruit la clé des identités d’un vote, et ce qu’elle gardait des "
        "personnes. Personnes : {persons:number} ; inscriptions retenues : {registrations:number}.",
    ),
    "voting.roll-act-asked.v1": (
        "An officer asked for what another one has to confirm: {act:text}.",
        "Un agent a demandé ce qu’un autre doit confirmer : {act:text}.",
    ),
    "voting.roll-act-consented.v1": (
        "Another officer confirmed it, and it was done.",
        "Un autre agent l’a confirmé, et ce fut fait.",
    ),
    "voting.roll-act-declined.v1": (
        "It was declined, or taken back.",
        "Cela a été refusé, ou retiré.",
    ),
    "voting.round-extended.v1": (
        "Two officers gave a vote a later end, {closes_at:moment}: {reason:text}.",
        "Deux agents ont prolongé un vote jusqu’au {closes_at:moment} : {reason:text}.",
    ),
    "voting.round-annulled.v1": (
        "Two officers annulled a vote: {reason:text} ({act:text}). Nothing of it counts.",
        "Deux agents ont annulé un vote : {reason:text} ({act:text}). Rien n’en compte.",
    ),
    "voting.second-officer-asked.v1": (
        "An officer asked for what another one has to confirm: {act:text}.",
        "Un agent a demandé ce qu’un autre doit confirmer : {act:text}.",
    ),
    "voting.second-officer-consented.v1": (
        "Another officer confirmed it, and it was done.",
        "Un autre agent l’a confirmé, et ce fut fait.",
    ),
    "voting.second-officer-declined.v1": (
        "It was declined, or taken back.",
        "Cela a été refusé, ou retiré.",
    ),
    "voting.service-reopened.v1": (
        "Two officers opened {service:text} again after a backup was restored: {reason:text}.",
        "Deux agents ont rouvert {service:text} après la restauration d’une sauvegarde : "
        "{reason:text}.",
    ),
    "voting.count-key-announced.v1": (
        "Count announced the key that signs its decisions.",
        "Le dépouillement a annoncé la clé qui signe ses décisions.",
    ),
    "voting.roll-key-announced.v1": (
        "The roll announced the key that signs its last counts.",
        "La liste des votants a annoncé la clé qui signe ses derniers comptes.",
    ),
    "voting.box-key-announced.v1": (
        "The ballot box announced the key that signs its closings.",
        "L’urne a annoncé la clé qui signe ses clôtures.",
    ),
    "ledger.log-opened.v1": (
        "The log {log:text} was opened, with the key that signs it.",
        "Le journal {log:text} a été ouvert, avec la clé qui le signe.",
    ),
    "ledger.key-rotated.v1": (
        "The log {log:text} is signed with another key from now on.",
        "Le journal {log:text} est désormais signé avec une autre clé.",
    ),
    "ledger.log-begun.v1": (
        "The log {log:text} begins: every step of this edition follows.",
        "Le journal {log:text} commence : chaque étape de cette édition suit.",
    ),
    "ledger.service-key-added.v1": (
        "{src:text} announced another key for its signatures.",
        "{src:text} a annoncé une autre clé pour ses signatures.",
    ),
    "ledger.service-key-replaced.v1": (
        "Two officers gave {src:text} another key for its signatures: none of its earlier keys "
        "vouches for it.",
        "Deux agents ont donné à {src:text} une autre clé pour ses signatures : aucune de ses clés "
        "antérieures ne s’en porte garante.",
    ),
    "ledger.log-frozen.v1": (
        "Two officers ended the log: no entry follows.",
        "Deux agents ont clos le journal : aucune entrée ne suit.",
    ),
    "ledger.ingest-rejected.v1": (
        "What {src:text} sent as its number {number:number} was rejected, and can never be an "
        "entry.",
        "Ce que {src:text} a envoyé sous le numéro {number:number} a été rejeté et ne peut être "
        "une entrée.",
    ),
    "ledger.gap-accepted.v1": (
        "Two officers accepted that numbers of {src:text} are missing for good.",
        "Deux agents ont accepté que des numéros de {src:text} manquent définitivement.",
    ),
    "ledger.second-officer-asked.v1": (
        "An officer asked for what another one has to confirm: {act:text}.",
        "Un agent a demandé ce qu’un autre doit confirmer : {act:text}.",
    ),
    "ledger.second-officer-consented.v1": (
        "Another officer confirmed it, and it was done.",
        "Un autre agent l’a confirmé, et ce fut fait.",
    ),
    "ledger.second-officer-declined.v1": (
        "It was declined, or taken back.",
        "Cela a été refusé, ou retiré.",
    ),
}
UNKNOWN = ("An event of the type {type:text}.", "Un événement du type {type:text}.")
# What is said of a true or false value.
VERDICTS = {
    "funded": (("is funded", "is not funded"), ("est financé", "n’est pas financé")),
    "flagged": (("is flagged", "is not flagged"), ("est signalé", "n’est pas signalé")),
}
NOTHING = ("no option", "aucun choix")
OPTIONS = ("options {}", "choix {}")
PLACE = (
    (
        "  Published by {src} as its number {number}, {minute}; the type is {type}.",
        "  It is entry {index} of {size}: its inclusion proof leads to the signed checkpoint"
        " (witnesses: {witnesses}).",
        "  Its hash is {digest}.",
    ),
    (
        "  Publié par {src} sous le numéro {number}, le {minute} ; le type est {type}.",
        "  C’est l’entrée {index} sur {size} : sa preuve d’inclusion mène au point de contrôle"
        " signé (témoins : {witnesses}).",
        "  Son empreinte est {digest}.",
    ),
)
