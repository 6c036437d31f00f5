"""What a process keeps of people: sessions, officers' names, roles, links that were mailed.

Tokens are kept as hashes: whoever reads the database signs in as nobody.
"""

CREATE = """
create table officer (
    officer_id uuid primary key,
    name text not null check (char_length(name) between 1 and 200),
    address text unique                        -- as the identity provider says it, lower case
);

create table role_grant (
    officer_id uuid not null,
    role text not null check (role in ('administrator', 'adviser', 'committee',
                                       'returning-officer')),
    programme_id uuid,
    territory text check (territory is null or programme_id is not null),
    unique nulls not distinct (officer_id, role, programme_id, territory)
);

create table signing_in (                      -- at the identity provider, not back yet
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    verifier text not null,
    nonce text not null,
    next text not null,
    expires_at timestamptz not null
);

create table person_session (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    person_id uuid not null,
    kind text not null check (kind in ('officer', 'resident')),
    expires_at timestamptz not null
);
create index session_of_person on person_session (person_id);

create table act (
    act_id uuid primary key,
    act text not null,
    about text not null,
    programme_id uuid,
    parameters jsonb not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    reason text not null check (char_length(reason) between 1 and 1000),
    salt bytea not null check (octet_length(salt) = 32),
    asked_by uuid not null,
    asked_at timestamptz not null default clock_timestamp(),
    state text not null default 'waiting' check (state in ('waiting', 'done', 'declined')),
    answered_by uuid,
    answered_at timestamptz,
    answer text check (char_length(answer) between 1 and 1000),       -- why it was declined
    answer_salt bytea check (octet_length(answer_salt) = 32),
    -- Two officers, whoever writes: nobody confirms what she asked for.
    check ((state = 'waiting') = (answered_by is null)),
    check (state <> 'done' or answered_by <> asked_by),
    check ((state = 'declined') = (answer is not null and answer_salt is not null))
);
create unique index one_waiting_act on act (act, about) where state = 'waiting';
"""
# What the first migrations made, and one more role.
COMMISSION_ROLE = """
alter table role_grant
    drop constraint role_grant_role_check,
    add constraint role_grant_role_check
        check (role in ('administrator', 'adviser', 'commission', 'committee',
                        'returning-officer'));
"""
# And another one.
INSTRUCTOR_ROLE = """
alter table role_grant
    drop constraint role_grant_role_check,
    add constraint role_grant_role_check
        check (role in ('administrator', 'adviser', 'commission', 'committee', 'instructor',
                        'returning-officer'));
"""
RUN_TIME_GRANTS = """
grant select, insert, update on officer to {role};
grant select, insert, delete on role_grant to {role};
grant select, insert, delete on signing_in, person_session to {role};
grant select, insert on act to {role};
grant update (state, answered_by, answered_at, answer, answer_salt) on act to {role};
"""

# Where residents sign in: an address is all that is known of them.
CREATE_RESIDENTS = """
create table resident (
    resident_id uuid primary key,
    address text unique check (char_length(address) between 3 and 254),   -- null: erased
    language text not null check (language in ('fr', 'en'))
);

create table mailed_link (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    address text not null,
    language text not null,
    next text not null,
    sent_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null
);
create index mailed_to on mailed_link (address, sent_at);
"""
RESIDENTS_GRANTS = """
grant select, insert, update on resident to {role};
grant select, insert, delete on mailed_link to {role};
"""

# A link that was used: when, and by which browser, as the hash of its visitor's cookie.
LINKS_PRESSED_TWICE = """
alter table mailed_link
    add used_at timestamptz,
    add used_by bytea check (octet_length(used_by) = 32),
    add check ((used_at is null) = (used_by is null));
"""
LINKS_PRESSED_TWICE_GRANTS = """
grant update (used_at, used_by) on mailed_link to {role};
"""
