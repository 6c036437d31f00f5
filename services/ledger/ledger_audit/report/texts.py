"""The words of a report, in English and in French."""

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Audit of {origin}", "Audit de {origin}"),
    "by": (
        "Made by ledger-audit on {at}, from {source}.",
        "Établi par ledger-audit le {at}, à partir de {source}.",
    ),
    "good": (
        "Everything that was checked holds.",
        "Tout ce qui a été vérifié est exact.",
    ),
    "differs": (
        "The record is whole, but a published result is not the one that its ballots give.",
        "Le registre est entier, mais un résultat publié n’est pas celui que donnent ses "
        "bulletins.",
    ),
    "doubtful": (
        "What was checked holds, but for decisions or closings that no service signed.",
        "Ce qui a été vérifié est exact, sauf des décisions ou clôtures qu’aucun service n’a "
        "signées.",
    ),
    "rehearsal": (
        "It is the record of a rehearsal: nothing of it is in earnest.",
        "C’est le registre d’une répétition : rien n’y est définitif.",
    ),
    "remarks": ("What to know of this record", "Ce qu’il faut savoir de ce registre"),
    "unsigned": (
        "Decisions or closings that no service signed: {n}. The record knew no key of theirs by "
        "then, so that its keeper could have made them up.",
        "Décisions ou clôtures qu’aucun service n’a signées : {n}. Le registre ne connaissait "
        "alors aucune de leurs clés ; son dépositaire aurait pu les inventer.",
    ),
    "replaced": (
        "Two officers gave {src} a key for which none of its earlier ones vouches: {service_key} "
        "(entry {entry}).",
        "Deux agents ont donné à {src} une clé dont aucune clé antérieure ne se porte garante : "
        "{service_key} (entrée {entry}).",
    ),
    "unvouched": (
        "{src} announced a key for which none of its earlier ones vouches, and which is not taken: "
        "{service_key} (entry {entry}).",
        "{src} a annoncé une clé dont aucune clé antérieure ne se porte garante, et qui n’est pas "
        "admise : {service_key} (entrée {entry}).",
    ),
    "filled": (
        "Numbers {first} to {last} of {src} have no event: {why} (entry {entry}).",
        "Les numéros {first} à {last} de {src} n’ont pas d’événement : {why} (entrée {entry}).",
    ),
    "filled-more": (
        "Further entries that say so of other numbers: {n}.",
        "Autres entrées qui le disent d’autres numéros : {n}.",
    ),
    "wrong": (
        "The record does not hold: {what}",
        "Le registre n’est pas exact : {what}",
    ),
    "nothing": (
        "Nothing else of it is shown, since none of it can be relied upon.",
        "Rien d’autre n’en est montré, car on ne peut s’y fier.",
    ),
    "entries": ("Entries in the record: {n}.", "Entrées du registre : {n}."),
    "cosigned": (
        "Cosigned by independent witnesses: {names}.",
        "Contresigné par des témoins indépendants : {names}.",
    ),
    "alone": (
        "No independent witness was asked for by the policy of this audit.",
        "La politique de cet audit ne demandait aucun témoin indépendant.",
    ),
    "checks": ("What was checked", "Ce qui a été vérifié"),
    "check": ("Check", "Vérification"),
    "result": ("Result", "Résultat"),
    "where": ("Entries", "Entrées"),
    "holds": ("holds", "exact"),
    "fails": ("fails", "inexact"),
    "not-reached": ("not reached", "non atteint"),
    "not-asked": ("not asked for", "non demandé"),
    "partly": ("not for all", "pas pour toutes"),
    "open-yet": ("cannot be said yet", "ne peut pas encore être dit"),
    "all": ("0 to {last}", "0 à {last}"),
    "growth": ("How the record grew", "Croissance du registre"),
    "who": ("Who published", "Qui a publié"),
    "publisher": ("Publisher", "Émetteur"),
    "published": ("Entries", "Entrées"),
    "what": ("What was published", "Ce qui a été publié"),
    "vote": ("Vote {n}", "Vote {n}"),
    "round": ("Its identifier is {id}.", "Son identifiant est {id}."),
    "voters": (
        "{keys} people voted, with {ballots} ballots, changes included; {counted} ballots count, "
        "{blank} are blank, {void} are void.",
        "{keys} personnes ont voté, avec {ballots} bulletins, changements compris ; {counted} "
        "bulletins comptent, {blank} sont blancs, {void} sont nuls.",
    ),
    "papers": (
        "Beside these, ballots on paper: {n}.",
        "S’y ajoutent des bulletins papier : {n}.",
    ),
    "annulled": (
        "Two officers annulled this vote: nothing of it counts.",
        "Deux agents ont annulé ce vote : rien n’en compte.",
    ),
    "reissued": (
        "Second codes that two officers gave to people who had lost theirs: {n}. So many voters at "
        "most are counted twice.",
        "Deuxièmes codes que deux agents ont donnés à des personnes qui avaient perdu le leur : "
        "{n}. Autant de votants, au plus, sont comptés deux fois.",
    ),
    "rights": (
        "Rights to vote that the roll gave out: {n} (entry {entry}).",
        "Droits de vote donnés par la liste des votants : {n} (entrée {entry}).",
    ),
    "codes": (
        "Codes that were posted, imported or given: {n}.",
        "Codes envoyés, importés ou remis : {n}.",
    ),
    "agrees": (
        "Counted again from the ballots alone, the published result is the same.",
        "Recompté à partir des seuls bulletins, le résultat publié est le même.",
    ),
    "disagrees": (
        "Counted again from the ballots alone, the published result is another one:",
        "Recompté à partir des seuls bulletins, le résultat publié est différent :",
    ),
    "lacking": (
        "A result is published, which cannot be compared yet:",
        "Un résultat est publié, qui ne peut pas encore être comparé :",
    ),
    "open": (
        "No result is published yet; what follows is where the ballots stand.",
        "Aucun résultat n’est encore publié ; voici où en sont les bulletins.",
    ),
    "money": ("{spent} of {budget} is given out", "{spent} attribués sur {budget}"),
    "votes": ("Votes for each option", "Voix pour chaque choix"),
    "option": ("Option", "Choix"),
    "option-n": ("No. {n}", "N° {n}"),
    "cost": ("Cost", "Coût"),
    "votes-head": ("Votes", "Voix"),
    "funded": ("Funded", "Financé"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "listed": ("Listed by entry", "Présenté par l’entrée"),
    "decided": ("Decided by entry", "Décidé par l’entrée"),
    "more": ("{n} options with fewer votes are in the table.", "{n} autres choix sont au tableau."),
    "names": (
        "Names of options are not in the record, which holds a fingerprint of each: it stays when "
        "words have to be erased.",
        "Les noms des choix ne sont pas dans le registre, qui n’a d’eux qu’une empreinte : elle "
        "demeure quand des mots doivent être effacés.",
    ),
    "again": ("To check it yourself", "Pour vérifier vous-même"),
    "again-how": (
        "Whoever doubts this page can have it made again from the same record; “explain” says what "
        "an entry says.",
        "Qui doute de cette page peut la refaire à partir du même registre ; « explain » dit ce "
        "que dit une entrée.",
    ),
    "check-1": (
        "The record is signed by its keeper, and by the witnesses that the policy asks for",
        "Le registre est signé par son dépositaire, et par les témoins que la politique demande",
    ),
    "check-2": ("No entry is missing at the end", "Aucune entrée ne manque à la fin"),
    "check-3": (
        "No entry was changed, removed, added or moved since it was signed",
        "Aucune entrée n’a été changée, retirée, ajoutée ou déplacée depuis la signature",
    ),
    "check-4": ("Every entry has one reading", "Chaque entrée n’a qu’une lecture"),
    "check-5": (
        "No publisher’s entry was lost before it reached the record",
        "Aucune entrée d’un émetteur ne s’est perdue avant d’arriver au registre",
    ),
    "check-6": ("No event is there twice", "Aucun événement n’y est deux fois"),
    "check-7": (
        "The proofs that the record hands out are those of its entries",
        "Les preuves que le registre délivre sont celles de ses entrées",
    ),
    "check-10": (
        "The record continues one that was seen before",
        "Le registre prolonge celui qui avait été vu auparavant",
    ),
    "check-12": (
        "Decisions and closings are signed by the services that made them",
        "Les décisions et les clôtures sont signées par les services qui les ont faites",
    ),
    "check-14": (
        "Its first entry begins the record that its keeper signed",
        "Sa première entrée ouvre le registre que son dépositaire a signé",
    ),
    "check-8": (
        "Each closed ballot box holds the ballots that its closing counted, and none came later",
        "Chaque urne fermée contient les bulletins comptés à sa fermeture, et aucun de plus",
    ),
    "check-9": (
        "The rules of each vote can be followed as they stand",
        "Les règles de chaque vote peuvent être suivies telles quelles",
    ),
    "check-recount": (
        "Every ballot is signed by a voter of the roll, and by the rules they give the published "
        "result",
        "Chaque bulletin est signé par un votant inscrit, et par les règles ils donnent le "
        "résultat publié",
    ),
}
