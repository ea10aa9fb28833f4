"""Write a release into its folder: dumps, store, answers to the saved queries, manifest."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from metropole import release
from metropole.publish.checking import Progress
from metropole.settings import Settings
from metropole.store.loading import Loading
from metropole.store.saved_runs import AskedStore, run_all


def write(
    folder: Path,
    draft: release.Draft,
    loading: Loading,
    settings: Settings,
    progress: Progress,
) -> None:
    """Write everything into the folder; the store is loaded while the dumps are written."""
    progress("writing the dumps and the store")
    ended = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as beside:
        files = beside.submit(release.write_files, folder, draft, ended)
        proven = len(draft.dataset.lines) <= settings.dumps.most_statements
        try:
            union_stored = loading.finish(draft.dataset, draft.own_lines, proven=proven)
            measures = files.result()
        except BaseException:
            ended.set()  # or Ctrl-C would wait until all files are written
            raise
    progress("running the saved queries")
    content = draft.content
    asked = AskedStore(folder, content.base, content.prefixes, union_stored)
    runs = run_all(asked, draft.saved_queries, draft.stories, content.home, settings.limits)
    release.write_manifest(folder, draft, measures, runs, union_stored=union_stored)
