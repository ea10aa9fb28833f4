"""The reconciliation service (W3C Entity Reconciliation Community Group): match names with things.

`/reconcile` speaks version 0.2 of the API, as OpenRefine does, and `/reconcile/1.0-draft` the draft
of the next. Both ask the search index and the statements of the release; nothing here runs a query
(decision 0033).
"""

from metropole.web.reconcile.routes import blueprint
from metropole.web.reconcile.service import register

__all__ = ["blueprint", "register"]
