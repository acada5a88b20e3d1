"""What ``larder dev`` prints when it is ready."""

from __future__ import annotations

from gateway.config import Config

QUERY = """{ locations(first: 2) { nodes { name menus { serviceDate sections { name items { name
  prices { audience money { amount currency } } availability { state } freshness { status confirmedAt } } } } } } }"""


def banner(config: Config, seconds: float) -> str:
    """What to open and what to try, ``seconds`` after the start."""
    url = f"http://{config.host}:{config.port}"
    query = " ".join(QUERY.split())
    return f"""
Larder is ready after {seconds:.1f} s.

  GraphQL   {url}/graphql
  Admin     {url}/admin/   (make an account first: .venv/bin/larder manage createsuperuser)
  Health    {url}/health/ready
  Sync      .venv/bin/larder sync status

Try a query:

  curl -s {url}/graphql -H 'content-type: application/json' -d '{{"query": "{query}"}}'

Ctrl-C stops everything.
"""
