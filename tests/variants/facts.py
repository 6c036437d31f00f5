"""The lines of the facts, section 14, by their first words: in the table, or why not."""

from collections.abc import Mapping

from tests.variants import bullets, money, voting

# Each line of the facts is one of the table's, or has the reason why it is not.
LINES: Mapping[str, str] = {
    "Several schemes of different kinds": bullets.KINDS,
    "Edition per year": bullets.CYCLES,
    "Rules as versioned data": bullets.VERSIONS,
    "Phases with independent windows": bullets.PHASES,
    "Named territories in levels": bullets.PLACES,
    "Person, informal collective": bullets.TYPES,
    "Legal status and proof": bullets.LEGAL,
    "Joint carriers": bullets.PARTS,
    "Exclusions by carrier type": bullets.LIMITS,
    "Minimum age to submit": bullets.AGES,
    "Link to the territory": bullets.LINKS,
    "Idea (short) distinct from dossier": bullets.STEPS,
    'Precondition "attended at least one counter': bullets.COUNTER,
    "Counter session": bullets.SESSION,
    "Document lists": bullets.DOCUMENTS,
    "Operating or investment": bullets.COSTS,
    "Themes, closed or open": bullets.THEMES,
    "Committee or jury": voting.COMMITTEE,
    "Multi-round selection": voting.ROUNDS,
    "Opinion by a consultative body": voting.OPINIONS,
    "Ballot types": voting.FORMATS,
    "Scope constraints": voting.SCOPES,
    "Validity": voting.VALID,
    "Editable until validated": voting.EDITABLE,
    "Channels": voting.CHANNELS,
    "Duplicate policy": voting.DUPLICATES,
    "Identity evidence levels": voting.IDENTITY,
    "Paper intake by batch": voting.PAPER,
    "Recount and publication of turnout": voting.TURNOUT,
    "Envelope tree": money.ENVELOPES,
    "Grant": money.GRANTS,
    "Winner rules": money.WINNERS,
    "Prizes given by named sponsors": money.PRIZES,
    "Agreement, instalments": money.AFTER,
    "Every published number": money.NUMBERS,
    "Every default": money.ASSUMED,
    "Minors' data": money.MINORS,
}
GRIDS = "grids and readings are a room of their own, which is not there yet"
PATH = "stages of innovation and the academy are rooms of their own, which are not there yet"
LISTENING = "signals, the forum and consultative bodies are rooms that are not there yet"
NOT_HERE: Mapping[str, str] = {
    "Marker grid and other grids": GRIDS,
    "Article 15 outcome": GRIDS,
    "Stages emergence": PATH,
    "Academy": PATH,
    "Support requests": PATH,
    "Signals of needs": LISTENING,
    "Debate space": LISTENING,
    "Consultative body": LISTENING,
}
# Parts of lines that no charter can say, or that are not there, each with the reason.
NOT_SAID: Mapping[tuple[str, str], str] = {
    (bullets.KINDS, "academy, forum, consultative body, watch"): LISTENING,
    (bullets.PLACES, "a project in several territories"): (
        "a project has one; several of them are a territory of the charter that lies around them"
    ),
    (bullets.LEGAL, "ambassador status"): "a consultative body gives it, and none is there yet",
    (bullets.SESSION, "facilitators"): "they are named in the line of the host",
    (bullets.DOCUMENTS, "whether a dossier may be deposited on paper"): (
        "ideas and dossiers are deposited online; an officer imports what came on paper"
    ),
    (voting.COMMITTEE, "colleges, random draw"): "they are of consultative bodies",
    (voting.COMMITTEE, "conditions, appeal"): "no source says how they go",
    (voting.OPINIONS, "on a policy, with the Department's reply"): LISTENING,
    (voting.CHANNELS, "web with an account"): (
        "nobody has an account to vote: she comes on the roll of one round, in one of its ways"
    ),
    (voting.CHANNELS, "which channel a paper came by"): (
        "the rules page says where one votes on paper; a batch names its place in words, and no"
        " rule tells a market from a school"
    ),
    (voting.IDENTITY, "one e-mail per voter"): (
        "an address proves nobody and is not kept: a telephone is proved, once for each voter"
    ),
    (voting.DUPLICATES, "a cancelled ballot, kept with its reason"): (
        "nobody can find one ballot again: a round as a whole is annulled, with its reason"
    ),
    (voting.PAPER, "sealed urns, days of the count"): "a batch has its place and its two agents",
    (voting.PAPER, "validation by a citizen commission"): "two officers validate a result",
    (voting.TURNOUT, "by territory"): "the roll says ages and ways alone: few would stand alone",
    (money.WINNERS, "amounts linked to votes"): "a grant is what was asked for, or what is fixed",
}
