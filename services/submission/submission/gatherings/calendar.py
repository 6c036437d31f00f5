"""A gathering as a calendar file (RFC 5545)."""

from datetime import datetime

from submission.gatherings.tables import Gathering

_MOST_OCTETS = 75


def calendar_file(gathering: Gathering, *, title: str, place: str, url: str, now: datetime) -> str:
    """One event, which every calendar takes; a later copy replaces it by its UID, and takes it away
    where it was cancelled."""
    off = gathering.state == "cancelled"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Comptoir//Counters//EN",
        f"METHOD:{'CANCEL' if off else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{gathering.gathering_id}",
        f"SEQUENCE:{gathering.changes}",
        f"STATUS:{'CANCELLED' if off else 'CONFIRMED'}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(gathering.begins_at)}",
        f"DTEND:{_utc(gathering.ends_at)}",
        f"SUMMARY:{_text(title)}",
        f"LOCATION:{_text(place)}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """RFC 5545 §3.3.11: what would end a value or a line stands escaped."""
    for character in "\\;,":
        words = words.replace(character, f"\\{character}")
    return words.replace("\n", "\\n")


def _folded(line: str) -> str:
    """RFC 5545 §3.1: at most 75 octets a line, and no character torn apart."""
    folded, room = "", _MOST_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            folded, room = f"{folded}\r\n ", _MOST_OCTETS - 1
        folded, room = folded + character, room - size
    return folded
