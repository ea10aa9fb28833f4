"""The limits as clients are told them: what is not set but found out is filled in."""

import os
from dataclasses import asdict

from metropole.settings import Limits


def named_limits(limits: Limits) -> dict[str, int]:
    """Give every limit by the name it has in the settings."""
    concurrent = limits.concurrent_queries or os.cpu_count() or 1
    return asdict(limits) | {"concurrent_queries": concurrent}
