"""Which documents a dossier lacks: what is asked for depends on what its carrier is."""

from collections.abc import Collection

from shared.events.charter import CharterRules
from shared.events.scheme import Document
from submission.tables import Project


def asked_for(rules: CharterRules, carrier_type: str | None) -> tuple[Document, ...]:
    """The documents of carriers of this type. Where nobody knows the type, those of all types."""
    return tuple(
        each
        for each in rules.documents
        if each.of is None or carrier_type is None or carrier_type in each.of
    )


def missing_documents(
    rules: CharterRules,
    carrier_type: str | None,
    declared: Collection[str],
    attached: Collection[str],
) -> tuple[str, ...]:
    """What a carrier of this type has neither declared nor, where a file is asked for, attached.

    What is optional is never missing. A document that is only asked of other types is not either.
    """
    return tuple(
        each.name
        for each in asked_for(rules, carrier_type)
        if not each.optional and each.name not in (attached if each.file else declared)
    )


def type_of(project: Project) -> str | None:
    """What the carrier of a dossier is; None where the dossier does not say."""
    found: str | None = getattr(project, "carrier_type", None)
    return found
