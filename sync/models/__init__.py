"""The synced store's own bookkeeping. Django finds an app's models here."""

from sync.models.allowances import Allowance
from sync.models.confirmations import Confirmation
from sync.models.heads import Head
from sync.models.inbox import Delivery
from sync.models.payloads import Body, Payload
from sync.models.purges import Purge
from sync.models.quarantine import Quarantined
from sync.models.runs import Problem, Run
from sync.models.staging import Staged
from sync.models.streams import Stream
from sync.models.told import Told

__all__ = [
    "Allowance",
    "Body",
    "Confirmation",
    "Delivery",
    "Head",
    "Payload",
    "Problem",
    "Purge",
    "Quarantined",
    "Run",
    "Staged",
    "Stream",
    "Told",
]
