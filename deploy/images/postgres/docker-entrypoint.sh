#!/bin/sh
# Makes the cluster at the first start, with POSTGRES_PASSWORD for the superuser, and runs PostgreSQL
# as its own user: what we use of the official image's entry point.
set -eu
umask 077
[ "${1#-}" = "$1" ] || set -- postgres "$@"
[ "$1" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    install -d -o postgres -g postgres -m 700 "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    secret=$(mktemp)
    printf '%s\n' "${POSTGRES_PASSWORD:?is needed}" > "$secret"
    # shellcheck disable=SC2086  # it holds several options
    initdb -D "$PGDATA" -U "${POSTGRES_USER:-postgres}" --auth-host=scram-sha-256 \
        --auth-local=trust --pwfile="$secret" ${POSTGRES_INITDB_ARGS:-}
    rm "$secret"
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >> "$PGDATA/postgresql.conf"
fi
unset POSTGRES_PASSWORD
exec "$@"
