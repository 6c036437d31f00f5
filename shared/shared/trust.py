"""Whose certificates a connection that leaves a process is shown."""

import ssl
from functools import cache

import httpx


@cache
def authorities(*, trust_env: bool = True) -> ssl.SSLContext:
    """Those that httpx trusts; with `trust_env` the ones of SSL_CERT_FILE, where it is set.

    To read them takes a tenth of a second of a core, and every client that is not given them reads
    them anew: a process does so once.
    """
    return httpx.create_ssl_context(trust_env=trust_env)
