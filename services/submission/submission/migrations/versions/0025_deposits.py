"""A deposit as one statement, and words for the search made in a third of the time."""

from alembic import op

from shared.migrate import execute
from shared.outbox import WAKE_LATER

revision = "0025"
down_revision = "0024"

# As before, but signs are found by their ranges: `translate` compares each character with each.
SEARCHED = r"""
create or replace function searched(words text) returns text
    language sql immutable strict parallel safe as $$
    select regexp_replace(
        translate(
            replace(replace(replace(lower(
                regexp_replace(left(normalize(words, nfkd), 40000), E'[\u0300-\u036f]', '', 'g')
            ), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'),
            'øłđ', 'old'),
        E'[!-/:-@\\[-`{-~\u2018\u2019\u00ab\u00bb\u2013\u2014]', ' ', 'g')
$$;
"""
DEPOSIT = """
-- All that a deposit is: words, idea, carrier, life, outbox; the draft it was is forgotten, and its
-- links lead to the idea. Under a key it is one transaction of its own: false where the key was
-- used, and an error where the draft was written anew meanwhile, or its phase has ended.
create function deposit(
    by_key text, asked bytea, answer jsonb, of_draft uuid, as_shown timestamptz,
    content_ids text[], written text[], salts bytea[],
    the_project uuid, the_programme uuid, its_territory text, its_theme text, its_category text,
    now_at timestamptz, by_resident uuid, its_address text, its_language text,
    the_carrier uuid, carrier_type text, the_organisation uuid,
    the_event uuid, about jsonb,
    event_ids uuid[], topics text[], keys text[], types text[], sources text[], subjects text[],
    times timestamptz[], logs text[], traceparents text[], bodies bytea[]
) returns boolean language plpgsql as $$
begin
    if by_key is not null then
        insert into answered values (by_key, asked, answer) on conflict do nothing;
        if not found then
            return false;
        end if;
        perform from draft d where d.draft_id = of_draft and d.changed_at = as_shown for update;
        if not found then
            raise exception 'the draft was written anew';
        end if;
        perform set_config('comptoir.woken_later', 'yes', true);
        perform from phase f where f.programme_id = the_programme and f.name = 'ideas'
            and f.state = 'open' and f.closes_at > clock_timestamp() for share;
        if not found then
            raise exception 'the phase is not open';
        end if;
    end if;
    insert into text (content_id, value, salt) select * from unnest(content_ids, written, salts);
    insert into idea (project_id, programme_id, territory, theme, category, title, summary, carrier,
                      stage, deposited_at)
    values (the_project, the_programme, its_territory, its_theme, its_category, content_ids[1],
            content_ids[2], content_ids[3], 'idea', now_at);
    insert into carrier (project_id, resident, name, address, language)
    values (the_project, by_resident, written[3], its_address, its_language);
    insert into carriage (project_id, carrier_id, part, type, organisation_id, resident, joined_at)
    values (the_project, the_carrier, 'lead', carrier_type, the_organisation,
            case when the_organisation is null then by_resident end, now_at);
    insert into project_text (content_id, project_id)
    select each, the_project from unnest(content_ids) each;
    insert into project_event (event_id, project_id, kind, at, about)
    values (the_event, the_project, 'idea-deposited', now_at, deposit.about);
    insert into outbox (event_id, topic, key, type, source, subject, time, log, traceparent, body)
    select a.id, a.topic, a.key, a.type, a.source, a.subject, a.time, a.log, a.trace, a.body
    from unnest(event_ids, topics, keys, types, sources, subjects, times, logs, traceparents,
                bodies) with ordinality
        as a (id, topic, key, type, source, subject, time, log, trace, body, place)
    order by a.place;
    update deposit_link set draft_id = null, project_id = the_project, resident = by_resident,
        used_at = now_at
    where draft_id = of_draft;
    delete from draft where draft_id = of_draft;
    return true;
end $$;
"""


def upgrade() -> None:
    """Let deposits wake the relay together, make the function, and what is searched faster."""
    execute(op, WAKE_LATER)
    execute(op, SEARCHED)
    execute(op, DEPOSIT)


def downgrade() -> None:
    """Nothing is lost: the other functions do the same, and wait longer for it."""
    execute(op, "drop function deposit;")
