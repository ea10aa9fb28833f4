"""Tests of files and folders that cannot be read: each is told, and nothing is released."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from metropole import publish
from metropole.settings import load
from processes import Text, command, environment, run, turtle, write, write_site

FOUND = re.compile(r"^(\S+?)((?::\d+)*): (?:violation|warning|info): .*\[([\w-]+)\]$", re.MULTILINE)
SHACL = "http://www.w3.org/ns/shacl#"
SHAPE = f"<shapes#S> a <{SHACL}NodeShape> ; <{SHACL}targetClass> :Thing ."


def found(told: str, root: Path) -> list[str]:
    """List place and rule of each finding, in the order in which they are told."""
    return [
        f"{os.path.relpath(file, root)}{place} {rule}" for file, place, rule in FOUND.findall(told)
    ]


def whole_site(root: Path) -> Path:
    """Write a site with a file in each of its folders."""
    write_site(root)
    write(root / "data/sub/more.ttl", turtle('<id/thing/b> a :Thing ; rdfs:label "b" .\n'))
    write(root / "shapes/s.ttl", turtle(SHAPE))
    write(root / "queries/q.rq", "SELECT ?thing { ?thing a <ns#Thing> }\n")
    write(root / "stories/s.md", "# A story\n\n{{ table q }}\n")
    return root


def without_root(*arguments: object) -> Text:
    """Run a command for whom the rights of files count, also where tests run as root."""
    words = command(*arguments)
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything, and there is no setpriv to take that away")
        words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *words]
    return subprocess.run(
        words,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def closed(root: Path, **modes: int) -> Iterator[None]:
    """Take the rights away from folders (`sub` stands for data/sub), and give them back."""
    paths = {root / name.replace("sub", "data/sub"): mode for name, mode in modes.items()}
    try:
        for path, mode in paths.items():
            path.chmod(mode)
        yield
    finally:
        for path in paths:
            path.chmod(0o755)


def test_folder_without_rights_blocks(tmp_path: Path) -> None:
    """No folder is passed over for lack of rights: neither shapes nor half of the data."""
    root = whole_site(tmp_path)
    before = publish.build(load(root)).release
    folders = ["data/sub", "ontology", "queries", "shapes", "stories"]

    with closed(root, sub=0o444, ontology=0, queries=0, shapes=0, stories=0):
        told = without_root("check", root)
        built = without_root("build", root)

    with closed(root, data=0):
        no_data = without_root("check", root)

    assert told.returncode == 1, told.stderr
    assert [each for each in found(told.stdout, root) if "unreadable" in each] == [
        f"{name} unreadable" for name in folders
    ]
    assert told.stdout.count("'chmod -R u+rX shapes'") == 1
    assert (built.returncode, no_data.returncode) == (1, 1)
    assert "Traceback" not in told.stderr + built.stderr + no_data.stderr
    assert (root / "current").resolve().name == before.id
    assert found(no_data.stdout, root) == ["data unreadable"]  # its things did not vanish


def test_one_mistake_is_told_once(tmp_path: Path) -> None:
    """What only follows from a file that is broken or gone is no finding of its own."""
    root = whole_site(tmp_path)
    ontology = root / "ontology/ns.ttl"
    sound = ontology.read_text()

    write(ontology, f"<ns#Other> a .\n{sound}")
    assert found(run("check", root).stdout, root) == [
        "ontology/ns.ttl:1:14 syntax",
        "ontology/ns.ttl terms-unchecked",
    ]

    write(ontology, sound)
    write(root / "queries/q.rq", "SELECT ?thing { ?thing a <ns#Thing>\n")
    write(root / "stories/s.md", "# A story\n\n{{ table q }}\n\n{{ table r }}\n\n{{ table t }}\n")
    (root / "queries/r.rq").write_bytes(b"# \xe9\n")
    assert found(run("check", root).stdout, root) == [
        "queries/r.rq:1 unreadable",
        "queries/q.rq:2:1 query-unusable",
        "stories/s.md:7 story-query",
    ]


def test_data_that_are_gone_are_one_finding(tmp_path: Path) -> None:
    """Without the folder data/ nobody is told of each thing that was in it."""
    root = whole_site(tmp_path)
    publish.build(load(root))
    (root / "data").rename(root / "away")

    told = run("check", root)

    assert (told.exit_code, found(told.stdout, root)) == (1, ["data no-data"])
    assert "The folder data/ is not there" in told.stdout


@pytest.mark.parametrize("name", ["data", "shapes"])
def test_file_or_ring_in_place_of_a_folder(tmp_path: Path, name: str) -> None:
    """What stands where a folder should be is told with what to do."""
    root = whole_site(tmp_path)
    shutil.rmtree(root / name)

    write(root / name, "x")
    file = run("check", root)
    (root / name).unlink()
    (root / name).symlink_to(name)
    ring = run("check", root)

    assert found(file.stdout, root)[0] == found(ring.stdout, root)[0] == f"{name} unreadable"
    assert "it is a file, not a folder" in file.stdout
    assert "leads back to itself" in ring.stdout
    assert "Errno" not in file.stdout + ring.stdout
    assert "[no-data]" not in file.stdout + ring.stdout


def test_what_is_no_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    """Each finding of what cannot be read has a reason in words and a remedy that helps."""
    root = write_site(tmp_path)
    os.mkfifo(root / "data/pipe.ttl")
    (root / "data/gone.ttl").symlink_to("nowhere.ttl")
    (root / "data/ring.ttl").symlink_to("ring.ttl")
    write(root / "data/a\nb.ttl", "")
    write(root / "data/t.csv", "a\n1\n")
    (root / "data/t.csv-metadata.json").write_bytes(b'{\n"\xe9": 1}')
    write(root / "stories/s.md", "")
    (root / "stories/s.md").write_bytes(b"# A\n\n\xe9\n")

    told = {each.file: each for each in publish.check(load(root))[1].findings}

    assert {each.rule for each in told.values()} == {"unreadable"}
    assert {name: (each.line, each.remedy) for name, each in told.items()} == {
        "data/pipe.ttl": (0, "Move it out of the folder."),
        "data/gone.ttl": (0, "Put that file back, correct the link, or remove it."),
        "data/ring.ttl": (0, "Link to the file that is meant."),
        "data/a\\nb.ttl": (
            0,
            "Rename the file: letters, digits, hyphens and underscores are safe everywhere.",
        ),
        "data/t.csv-metadata.json": (2, "Save the file as UTF-8."),
        "stories/s.md": (3, "Save the file as UTF-8."),
    }
    assert "a link to 'nowhere.ttl', which is not there" in told["data/gone.ttl"].message
    assert told["data/a\\nb.ttl"].message.startswith("'data/a\\nb.ttl' cannot be read: its name")
    assert not any("Errno" in each.message for each in told.values())
