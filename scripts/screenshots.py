"""Take the pictures of docs/screenshots.md anew: each kind of page on a phone and on a desk.

`make screenshots` builds the site of this repository in a folder of its own, serves it and looks
at it with the browser of the tests.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browsers import find_browser  # noqa: E402 - the tests are no package
from metropole import publish  # noqa: E402
from metropole.settings import load  # noqa: E402
from own_site import copy_site  # noqa: E402
from page_kinds import page_kinds  # noqa: E402
from web_site import server_of  # noqa: E402

_PICTURES = ROOT / "docs/screenshots"
_HEAD = """\
# What the pages look like

Each kind of page, as it is seen first: on a desk of 1280 pixels, light, and on a phone of 360,
dark. `make screenshots` takes them anew.
"""


def main() -> None:
    """Write the pictures, and the page that shows them."""
    _PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        copy_site(site)
        publish.build(load(site))
        kinds = page_kinds((site / "current").readlink().name)
        pairs = [text for pair in kinds.items() for text in pair]
        with server_of(site) as server:
            address = f"http://127.0.0.1:{server.port}"
            browser = find_browser()
            browser.run("screenshots.mjs", address, str(_PICTURES), *pairs, seconds=600)
    shown = [_HEAD, *(_section(name) for name in kinds)]
    (ROOT / "docs/screenshots.md").write_text("\n".join(shown), encoding="utf-8")


def _section(name: str) -> str:
    title = name.replace("-", " ").capitalize()
    pictures = (
        f'<img src="screenshots/{name}-{width}.webp" width="{shown}" alt="{title}, {place}">'
        for width, shown, place in ((1280, 560, "on a desk"), (360, 180, "on a phone"))
    )
    return f"## {title}\n\n{' '.join(pictures)}\n"


if __name__ == "__main__":
    main()
