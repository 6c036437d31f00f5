"""Full text of projects: what their carriers wrote, as it is searched, and what a list filters by.

Triggers keep it, not the routes: whatever changes an idea, a dossier or a text changes what is
found in the same transaction, and the run-time role, which cannot write here, leaves no erased word
behind.
"""

from alembic import op

from shared.migrate import execute

revision = "0019"
down_revision = "0018"

ROLE = "submission"

WORDS = r"""
-- What people compare when they search: small letters without accents or signs, so that no text is
-- taken for an address, a path or an operator. No longer than a vector may be.
create function searched(words text) returns text
    language sql immutable strict parallel safe as $$
    select translate(
        replace(replace(replace(lower(
            regexp_replace(left(normalize(words, nfkd), 40000), E'[\u0300-\u036f]', '', 'g')
        ), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'),
        'øłđ' || U&'\2018\2019\00AB\00BB\2013\2014'
            || $signs$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~$signs$,
        'old' || repeat(' ', 38))
$$;

-- Each word by its French stem and as it is, so that the beginning of a word finds it as well.
create function search_vector(words text) returns tsvector
    language sql immutable strict parallel safe as $$
    select to_tsvector('pg_catalog.french', plain) || to_tsvector('pg_catalog.simple', plain)
    from public.searched(words) plain
$$;

-- All words that are looked for, but those that every text has, unless there are no others. Null
-- where there is no word at all, which finds nothing.
create function search_query(sought text) returns tsquery
    language plpgsql immutable strict parallel safe as $$
declare
    word text;
    stem tsquery;
    beginning tsquery;
    telling tsquery;
    everything tsquery;
begin
    for word in
        select distinct left(each, 200)
        from regexp_split_to_table(public.searched(sought), '\s+') each
        where each <> '' limit 20
    loop
        stem := plainto_tsquery('pg_catalog.french', word);
        beginning := to_tsquery('pg_catalog.simple', '''' || word || ''':*');
        continue when numnode(beginning) = 0;
        everything := coalesce(everything && beginning, beginning);
        continue when numnode(stem) = 0;
        telling := coalesce(telling && (stem || beginning), stem || beginning);
    end loop;
    return coalesce(telling, everything);
end $$;
"""
TABLE = """
create table project_search (
    project_id uuid primary key references idea,
    programme_id uuid not null references programme,
    territory text not null,
    theme text,
    category text,
    stage text not null,
    standing text not null,
    deposited_at timestamptz not null,
    words tsvector not null
);
-- In the order of the list, with all that it is filtered by: no page reads more than this.
create index project_search_in_order on project_search
    (programme_id, deposited_at, project_id) include (territory, theme, category, stage);
create index project_search_words on project_search using gin (words);

-- The row is locked before the words are read: whoever erases some at the same time is waited for,
-- and what is written then has them no more.
create function refresh_search(sought uuid) returns void
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    perform from public.project_search where project_id = sought for update;
    insert into public.project_search as kept
    select i.project_id, i.programme_id, i.territory, coalesce(p.theme, i.theme),
           coalesce(p.category, i.category), i.stage, i.standing, i.deposited_at,
           public.search_vector(concat_ws(' ', d.value, o.value, t.value, s.value))
    from public.idea i
    join public.text t on t.content_id = i.title
    join public.text s on s.content_id = i.summary
    left join public.project p on p.project_id = i.project_id
    left join public.text d on d.content_id = p.title
    left join public.text o on o.content_id = p.summary
    where i.project_id = sought
    on conflict (project_id) do update set
        territory = excluded.territory, theme = excluded.theme, category = excluded.category,
        stage = excluded.stage, standing = excluded.standing, words = excluded.words
    where (kept.territory, kept.theme, kept.category, kept.stage, kept.standing, kept.words)
        is distinct from (excluded.territory, excluded.theme, excluded.category, excluded.stage,
                          excluded.standing, excluded.words);
end $$;
revoke execute on function refresh_search(uuid) from public;

create function keep_search() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    perform public.refresh_search(new.project_id);
    return null;
end $$;
revoke execute on function keep_search() from public;
create trigger idea_searched
    after insert or update of territory, theme, category, stage, standing, title, summary on idea
    for each row execute function keep_search();
create trigger project_searched
    after insert or update of title, summary, theme, category on project
    for each row execute function keep_search();

-- Nothing but an erasure changes a text.
create function forget_searched() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    perform public.refresh_search(found.project_id) from (
        select i.project_id from public.idea i
        where i.title in (select content_id from changed)
           or i.summary in (select content_id from changed)
        union
        select p.project_id from public.project p
        where p.title in (select content_id from changed)
           or p.summary in (select content_id from changed)
        order by project_id
    ) found;
    return null;
end $$;
revoke execute on function forget_searched() from public;
create trigger text_searched after update on text
    referencing new table as changed for each statement execute function forget_searched();

select refresh_search(project_id) from idea order by project_id;
"""
GRANTS = f"grant select on project_search to {ROLE};"
BEFORE = """
drop trigger text_searched on text;
drop trigger project_searched on project;
drop trigger idea_searched on idea;
drop function forget_searched();
drop function keep_search();
drop function refresh_search(uuid);
drop table project_search;
drop function search_query(text);
drop function search_vector(text);
drop function searched(text);
"""


def upgrade() -> None:
    """Make what is searched, of what there is, and let it be kept."""
    execute(op, WORDS)
    execute(op, TABLE)
    execute(op, GRANTS)


def downgrade() -> None:
    """Nothing is lost: all of it can be made again."""
    execute(op, BEFORE)
