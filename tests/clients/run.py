"""Prints what a page's client gets: ``python run.py MODULE SLUG``."""

from __future__ import annotations

import json
import runpy
import sys

module, slug = sys.argv[1:]
sys.stdout.write(json.dumps(runpy.run_path(module)["storefront"](slug)))
