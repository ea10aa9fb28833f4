"""The feed of a site: a member for each thing that came, changed or went, in the order of time.

It follows what was active, so going back to a release is a change too. It is kept beside the
releases, in `releases/.feed/`, and belongs to the site (decision 0029):

- `index.json`: the pages, each a list of ranges of bytes. It is replaced as the last step of
  each change, so that readers see the feed as it was or as it is.
- `<number>.jsonl`: the members of a batch, one a line; a batch is one activation.
- `<number>.json`: what a batch was, for people and for Atom.
- `snapshot-<number>.json`: what is different in the release that the first pages are read from.

The first pages are ranges of the dump of the oldest release that is kept, its snapshot, so that
a first release of any size costs no time and no space. `compact` takes a younger one.
"""

from metropole.release.feed.pages import Batch, Feed, Member, Page, Slice, Snapshot, written
from metropole.release.feed.reading import (
    FOLDER,
    read_feed,
    read_members,
    read_snapshot,
    read_story,
)
from metropole.release.feed.writing import PAGE_BYTES, PAGE_MEMBERS, FeedWriter

__all__ = [
    "FOLDER",
    "PAGE_BYTES",
    "PAGE_MEMBERS",
    "Batch",
    "Feed",
    "FeedWriter",
    "Member",
    "Page",
    "Slice",
    "Snapshot",
    "read_feed",
    "read_members",
    "read_snapshot",
    "read_story",
    "written",
]
