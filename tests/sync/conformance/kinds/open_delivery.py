from __future__ import annotations

from datetime import UTC, datetime

from sync.simulators.open_delivery import OpenDelivery, Options
from tests.sync.conformance.subjects import Subject

TTL_OVER = """
UPDATE larder_sync_stream SET cursor = replace(
    cursor::text,
    cursor #>> '{merchant,asked_at}',
    to_char(
        (cursor #>> '{merchant,asked_at}')::timestamptz AT TIME ZONE 'UTC' - interval '1 day',
        'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
    )
)::jsonb WHERE cursor ? 'merchant'
"""

SUBJECT = Subject(
    kind="open_delivery",
    open=lambda: OpenDelivery(Options(items=20), clock=lambda: datetime.now(UTC)),
    change=[("publish", {}), ("sell_out", {"offer": 3}), ("delete", {"offer": 19})],
    rest=TTL_OVER,
)
