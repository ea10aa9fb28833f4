"""Releases compared, in their order, verified before they are activated, and pruned."""

import json
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from metropole import publish
from metropole.cli import main
from metropole.errors import ReleaseError
from metropole.release import Release, Releases
from metropole.release.changes import read_changes
from metropole.release.difference import Change, Difference, difference
from metropole.release.difference_rdf import CS
from metropole.release.feed import read_feed
from metropole.release.history import history
from metropole.release.journal import FILE_NAME, Journal
from metropole.settings import load
from metropole.store.reading import ReadingStore
from metropole.web.entity.descriptions import described, document_lines
from metropole.web.entity.layouts import Layouts
from processes import SETTINGS, turtle, write, write_site

BEFORE = """\
<id/a> a :Thing ; rdfs:label "a" ; rdfs:seeAlso <id/b> .
<id/b> a :Thing ; rdfs:label "b" .
<id/c> a :Thing ; rdfs:label "c" ; rdfs:seeAlso [ rdfs:seeAlso [ rdfs:label "deep" ] ] .
<id/d> a :Thing ; rdfs:label "d" .
<id/e> a :Thing ; rdfs:label "e" ; rdfs:seeAlso <id/a>, [ rdfs:seeAlso <id/a> ] .
<id/f> a :Thing ; rdfs:label "f" .
<id/g> a :Thing ; rdfs:label "g" ; rdfs:seeAlso [ rdfs:seeAlso <id/a> ] .
<id/a/under> a :Thing ; rdfs:label "h" .
"""
#: `a` has another name, `c` another blank node inside, `d` is gone, `i` is new and points to `f`.
AFTER = (
    BEFORE.replace('"a"', '"A"')
    .replace("deep", "deeper")
    .replace('<id/d> a :Thing ; rdfs:label "d" .\n', "")
    + '<id/i> a :Thing ; rdfs:label "i" ; rdfs:seeAlso <id/f> .\n'
)
BASE = "https://t.example/id/"


def build(site: Path) -> Release:
    """Build a site and give its release."""
    return publish.build(load(site)).release


def changed_site(folder: Path, *texts: str) -> list[Release]:
    """Build a site once for each text of its one data file."""
    site, made = write_site(folder), []
    for text in texts:
        write(site / "data/things.ttl", turtle(text))
        made.append(build(site))
    return made


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, Release]:
    """Two releases that differ in every way."""
    first, second = changed_site(tmp_path_factory.mktemp("two"), BEFORE, AFTER)
    return first, second


def run(*words: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


def lines(release: Release) -> set[bytes]:
    """Give the lines of the N-Quads dump as a set."""
    return set((release.folder / "dumps/dataset.nq").read_bytes().split(b"\n")) - {b""}


def statements(found: Difference, *, added: bool) -> list[bytes]:
    """List the statements that were added or removed."""
    return [
        statement.line
        for entity in found.entities
        for statement in entity.statements
        if statement.is_added is added
    ]


def test_difference_is_that_of_the_sets(two: tuple[Release, Release]) -> None:
    """What is told as added and removed is the difference of the two dumps, each line once."""
    first, second = two
    found = difference(first, second)

    for added, wanted in (
        (True, lines(second) - lines(first)),
        (False, lines(first) - lines(second)),
    ):
        told = statements(found, added=added)
        assert wanted
        assert sorted(told) == sorted(wanted)


def test_entities_are_created_changed_deleted_and_touched(two: tuple[Release, Release]) -> None:
    """A change in a blank node is one of its thing; who shows a changed neighbour is touched."""
    found = difference(*two)
    told = {
        entity.entity.removeprefix(BASE): entity.change.value
        for entity in found.entities
        if entity.change is not Change.METADATA
    }

    assert told.pop("https://t.example/ns#Thing") == "touched"  # the class lost and got members
    assert told == {
        "a": "changed",
        "b": "touched",
        "c": "changed",
        "d": "deleted",
        "e": "touched",
        "f": "touched",
        "g": "touched",
        "i": "created",
    }


def test_touched_is_whose_document_differs(two: tuple[Release, Release]) -> None:
    """The things that are told are those whose documents say something else, and no others."""
    stores = [ReadingStore(release) for release in two]
    told = {entity.entity for entity in difference(*two).entities}
    things = [BASE + name for name in ("a", "b", "c", "d", "e", "f", "g", "i", "a/under")]

    def document(store: ReadingStore, iri: str) -> set[bytes]:
        found = described(store, Layouts(store), ox.NamedNode(iri))
        return set(document_lines(store, found))

    differing = {iri for iri in things if document(stores[0], iri) != document(stores[1], iri)}
    assert differing == told & set(things)
    assert BASE + "a/under" not in told


def test_statements_have_file_and_line(two: tuple[Release, Release]) -> None:
    """Added statements stand where the newer files have them, removed ones where they stood."""
    (gone,) = difference(*two).of(Change.DELETED)
    (new,) = difference(*two).of(Change.CREATED)
    header = turtle("").count("\n")

    assert {str(said.position) for said in gone.statements} == {f"data/things.ttl:{header + 4}"}
    assert {str(said.position) for said in new.statements} == {f"data/things.ttl:{header + 8}"}


def test_layout_moves_lines_and_makes_no_release(tmp_path: Path) -> None:
    """An empty line more gives the same release; the lines that are told are the new ones."""
    first, second = changed_site(tmp_path, BEFORE, "\n\n" + BEFORE)
    assert first == second
    write(tmp_path / "data/things.ttl", turtle(AFTER))

    (gone,) = difference(first, build(tmp_path)).of(Change.DELETED)

    header = turtle("").count("\n")
    assert {str(said.position) for said in gone.statements} == {f"data/things.ttl:{header + 6}"}


def test_without_lines_only_the_positions_are_missing(tmp_path: Path) -> None:
    """A release that was built elsewhere has no lines here, and is compared all the same."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    (tmp_path / "releases/.lines" / first.id).unlink()

    (gone,) = difference(first, second).of(Change.DELETED)

    assert [said.position for said in gone.statements] == [None, None]


def test_diff_in_three_formats(two: tuple[Release, Release]) -> None:
    """Text, JSON and Turtle tell the same numbers."""
    first, second = two
    site = first.folder.parent.parent
    text, in_json, in_turtle = (
        run("diff", site, first.id, second.id, "--format", name)
        for name in ("text", "json", "turtle")
    )

    told = json.loads(in_json.stdout)
    assert told["counts"] == difference(first, second).counts()
    assert [entity["entity"] for entity in told["entities"]] == sorted(
        (entity["entity"] for entity in told["entities"]), key=str.encode
    )
    assert f"{told['counts']['touched']} touched by a neighbour only" in text.stdout
    graph = ox.Store()
    graph.load(in_turtle.stdout.encode(), format=ox.RdfFormat.TURTLE)
    for name, number in (("addition", "statements_added"), ("removal", "statements_removed")):
        said = graph.quads_for_pattern(None, ox.NamedNode(CS + name), None)
        in_metadata = sum(
            entity.number(added=name == "addition")
            for entity in difference(first, second).of(Change.METADATA)
        )
        assert len(list(said)) == told["counts"][number] + in_metadata


def test_unknown_release_is_told_with_those_there_are(two: tuple[Release, Release]) -> None:
    """An id that is none is refused with the list of ids."""
    first, second = two

    told = run("diff", first.folder.parent.parent, first.id, "0123456789abcdef")

    assert told.exit_code == 2
    assert first.id in told.stderr
    assert second.id in told.stderr


def test_other_base_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Releases with two bases have no IRI in common: they are not compared, but both made."""
    site = write_site(tmp_path)
    first = build(site)
    write(site / "metropole.toml", SETTINGS.replace("t.example", "u.example"))
    (site / "current").unlink()  # beside a release that is current, another base is refused
    second = build(site)

    told = run("diff", site, first.id, second.id)

    assert told.exit_code == 2
    assert "the base of" in told.stderr
    assert "https://u.example/" in told.stderr
    assert read_changes(site / "releases", second.id) is None


def test_changes_are_kept_with_each_release(tmp_path: Path) -> None:
    """What a build changed can be read for each entity, and outlives the release before."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    record = read_changes(tmp_path / "releases", second.id)
    assert record is not None
    found = difference(first, second)

    assert (record.before, record.after) == (first.id, second.id)
    assert record.counts == found.counts()
    for entity in found.entities:
        assert record.of(entity.entity) is entity.change
    for absent in ("a/under", "", "zz", "a0"):
        assert record.of(BASE + absent) is None
    run("prune", tmp_path, "--keep", "1")
    assert read_changes(tmp_path / "releases", second.id) == record


def test_history_is_in_order_of_first_activation(tmp_path: Path) -> None:
    """Going back changes which release is current, not the order; a cut line did not happen."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    publish.activate(load(tmp_path), first.id)
    with (tmp_path / "releases" / FILE_NAME).open("a") as file:
        file.write('{"release": "')

    entries = history(Releases(load(tmp_path)))

    assert [(entry.id, entry.state) for entry in entries] == [
        (first.id, "current"),
        (second.id, "kept"),
    ]
    assert all(abs((entry.activated or 0) - time.time()) < 600 for entry in entries)
    publish.activate(load(tmp_path), second.id)
    told = [each.release for each in Journal(tmp_path / "releases").activations()]
    assert told == [first.id, second.id, first.id, second.id]


def test_line_that_is_no_record_is_told(tmp_path: Path) -> None:
    """A journal that somebody broke is not read past: file, line and remedy are told."""
    site = write_site(tmp_path)
    build(site)
    write(site / "releases" / FILE_NAME, '{"release": 1}\n')

    told = run("releases", site)

    assert told.exit_code == 2
    assert f"{FILE_NAME}:1: " in told.stderr


#: Files of a release, and what the refusal says of them.
DAMAGES = {
    "dumps/dataset.ttl": "dumps/dataset.ttl is not what was released",
    "report.json": "report.json is not what was released",
    "manifest.json": "manifest.json is not the one of this id",
}


@pytest.mark.parametrize(("name", "told"), DAMAGES.items())
def test_damaged_release_is_refused(tmp_path: Path, name: str, told: str) -> None:
    """One changed letter in a file keeps a release from being activated; what served, serves."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    text = (first.folder / name).read_text(encoding="utf-8")
    changed = text.replace('"title": "T"', '"title": "U"') if name == "manifest.json" else text
    write(first.folder / name, changed if changed != text else text.replace("e", "E", 1))

    with pytest.raises(ReleaseError, match=told):
        publish.activate(load(tmp_path), first.id)

    assert Releases(load(tmp_path)).current_id() == second.id


def test_release_without_its_store_is_refused(tmp_path: Path) -> None:
    """A store that is gone, or that holds something else, keeps a release from being activated."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    (first.folder / "store").rename(tmp_path / "aside")
    with pytest.raises(ReleaseError, match="store cannot be opened"):
        publish.activate(load(tmp_path), first.id)

    (second.folder / "store").rename(first.folder / "store")

    with pytest.raises(ReleaseError, match="statements instead of"):
        publish.activate(load(tmp_path), first.id)


def test_prune_keeps_the_newest_and_the_current(tmp_path: Path) -> None:
    """The newest stay, and the current one even when it is old; a dry run removes nothing."""
    made = changed_site(tmp_path, BEFORE, AFTER, "<id/z> a :Thing .", "<id/y> a :Thing .")
    publish.activate(load(tmp_path), made[0].id)
    ids = {release.id for release in made}

    tried = run("prune", tmp_path, "--keep", 1, "--dry-run")
    assert set(Releases(load(tmp_path)).ids()) == ids
    told = run("prune", tmp_path, "--keep", 1)

    assert tried.stdout == told.stdout.replace(" is removed", " would be removed")
    assert set(Releases(load(tmp_path)).ids()) == {made[0].id, made[3].id}
    assert [entry.state for entry in history(Releases(load(tmp_path)))] == [
        "current",
        "removed",
        "removed",
        "kept",
    ]
    assert sorted(path.name for path in (tmp_path / "releases/.lines").iterdir()) == sorted(
        [made[0].id, made[3].id]
    )


def test_prune_spares_what_is_open(tmp_path: Path) -> None:
    """A release that a process reads is kept, and removed once it is let go."""
    first, _ = changed_site(tmp_path, BEFORE, AFTER)
    opened = ReadingStore(first)

    spared = publish.prune(load(tmp_path), keep=1, dry_run=False)
    assert (spared.removed, spared.in_use) == ((), (first.id,))
    del opened

    assert publish.prune(load(tmp_path), keep=1, dry_run=False).removed == (first.id,)


def test_prune_removes_what_is_damaged(tmp_path: Path) -> None:
    """A damaged release can be removed like any other."""
    first, _ = changed_site(tmp_path, BEFORE, AFTER)
    write(first.folder / "manifest.json", "{")

    assert publish.prune(load(tmp_path), keep=1, dry_run=False).removed == (first.id,)


def test_damaged_release_before_does_not_stop_a_build(tmp_path: Path) -> None:
    """A release that cannot be compared with the one before is made and activated all the same."""
    (first,) = changed_site(tmp_path, BEFORE)
    (first.folder / "dumps/dataset.nq").unlink()
    write(tmp_path / "data/things.ttl", turtle(AFTER))

    second = build(tmp_path)

    assert Releases(load(tmp_path)).current_id() == second.id
    assert read_changes(tmp_path / "releases", second.id) is None


def altered(release: Release) -> None:
    """Change a letter in the statements of a release, which stay as long as they were."""
    path = release.folder / "dumps/dataset.nq"
    text = path.read_bytes()
    place = text.index(b'"') + 1
    path.write_bytes(text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :])


def test_statements_that_were_altered_are_not_compared(tmp_path: Path) -> None:
    """`diff` says which release is not what it was, whichever of the two it is."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    altered(first)

    for pair in ((first.id, second.id), (second.id, first.id)):
        told = run("diff", tmp_path, *pair)

        assert told.exit_code == 2
        assert f"Release {first.id} is damaged and cannot be compared" in told.stderr
        assert "dumps/dataset.nq is not what was released" in told.stderr
        assert told.stdout == ""


def test_build_after_a_release_that_was_altered(tmp_path: Path) -> None:
    """What changed is not told from statements that were altered; that is said, and once."""
    (first,) = changed_site(tmp_path, BEFORE)
    altered(first)
    write(tmp_path / "data/things.ttl", turtle(AFTER))

    outcome = publish.build(load(tmp_path))

    (note,) = outcome.notes
    assert note.startswith(f"Release {first.id} is damaged (dumps/dataset.nq is not what was")
    assert read_changes(tmp_path / "releases", outcome.release.id) is None
    feed = read_feed(tmp_path / "releases")
    assert feed is not None
    assert feed.release == feed.batch(feed.snapshot).release == outcome.release.id
    assert run("build", tmp_path).stderr == ""


def test_going_forward_from_a_release_that_was_altered(tmp_path: Path) -> None:
    """`activate` and `build` say on standard error that the feed begins anew."""
    first, second = changed_site(tmp_path, BEFORE, AFTER)
    run("activate", tmp_path, first.id)
    altered(first)

    told = run("activate", tmp_path, second.id)

    assert (told.exit_code, told.stdout) == (0, f"Release {second.id} is current.\n")
    assert f"Release {first.id} is damaged" in told.stderr
    assert "begins anew" in told.stderr
