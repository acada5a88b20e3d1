"""What ``larder dev`` prints when it is ready."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.config import Config

QUERY = """{ locations(first: 1) { nodes { name menus(to: "%s") { serviceDate sections { name items { name allergens
  prices { audience money { amount currency } perUnit { unit money { amount } } }
  availability { state freshness { status confirmedAt } } } } } } } }"""
OWN_QUERY = "{ __schema { queryType { fields { name description } } } }"
DAYS_AHEAD = 2  # over a weekend without menus


def banner(config: Config, seconds: float) -> str:
    """What to open and what to try, ``seconds`` after the start."""
    url = f"http://{config.host}:{config.port}"
    last_day = (datetime.now(UTC) + timedelta(days=DAYS_AHEAD)).date()
    asked = QUERY % last_day if config.ships else OWN_QUERY
    query = " ".join(asked.split()).replace('"', '\\"')
    graphiql = f"\n  GraphiQL  {url}/graphiql" if config.graphiql else ""
    return f"""
Larder is ready after {seconds:.1f} s.

  GraphQL   {url}/graphql{graphiql}
  Admin     {url}/admin/   (make an account first: .venv/bin/larder manage createsuperuser)
  Health    {url}/health/ready
  Sync      .venv/bin/larder sync status

Try a query:

  curl -s {url}/graphql -H 'content-type: application/json' -d '{{"query": "{query}"}}'

Ctrl-C stops everything.
"""
