"""How the answers to the saved queries grew or shrank since the release before."""

from dataclasses import dataclass

from metropole.errors import ReleaseError
from metropole.publish.whole_releases import whole
from metropole.release import Releases
from metropole.release.query_runs import QueryRun, read_runs


@dataclass(frozen=True)
class RowChange:
    """How the answer to a saved query grew or shrank; None where there was or is no such query."""

    name: str
    rows: int | None
    before: int | None


def runs_before(releases: Releases) -> dict[str, QueryRun] | None:
    """Read how the queries of the active release went; None when none can be read."""
    current = whole(releases, releases.current_id())
    try:
        return read_runs(current) if current else None
    except ReleaseError:
        return None


def row_changes(
    before: dict[str, QueryRun] | None, runs: dict[str, QueryRun]
) -> tuple[RowChange, ...]:
    """Tell the queries that came, went or have another number of rows; none without a before."""
    if before is None:
        return ()
    changes = [
        RowChange(name, _rows(runs.get(name)), _rows(before.get(name)))
        for name in sorted({*before, *runs})
    ]
    return tuple(change for change in changes if change.rows != change.before)


def _rows(run: QueryRun | None) -> int | None:
    return run.rows if run else None
