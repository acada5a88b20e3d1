"""How the wholesaler's records become rows."""

from bookshop.models import Stock
from larder.sync import Target, TargetSet

TARGETS = TargetSet(targets=[Target("stock", Stock, "availability", dict)])
