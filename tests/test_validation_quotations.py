"""Tests of holding quotations against the texts they quote."""

from hashlib import sha256
from pathlib import Path

import pytest

from metropole.report import Finding, Report, Severity
from sites import PREFIXES, check_site, of_rule

#: Characters outside of the BMP and combining marks before the words: bytes and UTF-16 differ.
TEXT = "🏙️ Žuvininkystė e\u0301te\u0301 in Klaipėda. The park opened.\nThe park grows.\n"
DOCUMENT = "<doc> spdx:checksum [ spdx:checksumValue '{sum}' ] .\n<stated> <p> <q1> , <q2> .\n"


def check(root: Path, *quotations: str, text: str = TEXT, at_hand: bool = True) -> Report:
    """Check a site that quotes a text; the quotations stand from line 4 on."""
    document = DOCUMENT.format(sum=sha256(text.encode()).hexdigest().upper())
    files: dict[str, str | bytes] = {
        "data/a.ttl": PREFIXES + document + "".join(line + "\n" for line in quotations)
    }
    if at_hand:
        files["texts/any name.txt"] = text.encode()
    return check_site(root, files)


def quotation(
    exact: str = "", start: int | None = None, end: int | None = None, name: str = "q1"
) -> str:
    """Write a quotation in one line; what is not given is left out."""
    said = []
    if exact:
        said.append(f"oa:hasSelector [ oa:exact '''{exact}''' ]")
    if start is not None:
        said.append(f"oa:hasSelector [ oa:start {start} ; oa:end {end} ]")
    return " ; ".join([f"<{name}> oa:hasSource <doc>", *said]) + " ."


def place(words: str, text: str = TEXT) -> tuple[int, int]:
    """Give the first place of some words, in code points."""
    return text.index(words), text.index(words) + len(words)


def quotes(report: Report) -> list[Finding]:
    """Keep the findings about quotations."""
    return [finding for finding in report.findings if finding.rule.startswith("quote")]


@pytest.mark.parametrize("words", ["🏙️", "e\u0301te\u0301", "Klaipėda", "opened.\nThe"])
def test_right_quotation_says_nothing(tmp_path: Path, words: str) -> None:
    """Places are counted in code points, whatever stands before the words."""
    assert quotes(check(tmp_path, quotation(words, *place(words)))) == []


@pytest.mark.parametrize("unit", ["utf-8", "utf-16-le"])
def test_other_units_are_noticed(tmp_path: Path, unit: str) -> None:
    """Offsets in bytes or UTF-16 units are wrong, and the true ones are named."""
    start, end = place("Klaipėda")
    size = 2 if unit == "utf-16-le" else 1
    wrong = [len(TEXT[:at].encode(unit)) // size for at in (start, end)]

    (finding,) = quotes(check(tmp_path, quotation("Klaipėda", wrong[0], wrong[1])))
    assert finding.rule == "quote-differs"
    assert finding.remedy == f"These words stand from {start} to {end}: correct start and end."
    assert (finding.position, finding.severity) == ("data/a.ttl:4", Severity.VIOLATION)


def test_composed_characters_are_other_words(tmp_path: Path) -> None:
    """A quotation is held against the text letter by letter, without normalisation."""
    start, end = place("e\u0301te\u0301")

    (finding,) = quotes(check(tmp_path, quotation("été", start, end)))
    assert finding.remedy == "Quote the text letter by letter."


@pytest.mark.parametrize("shift", [-2, 2])
def test_nearest_place_is_named(tmp_path: Path, shift: int) -> None:
    """Of words that stand twice, the place near the one stated is the one that was meant."""
    second = TEXT.rindex("The park")

    (finding,) = quotes(check(tmp_path, quotation("The park", second + shift, second + shift + 8)))
    assert f"from {second} to {second + 8}" in finding.remedy


def test_wrong_words_without_a_place(tmp_path: Path) -> None:
    """Words that are nowhere in the text are told; words that are somewhere are fine."""
    report = check(tmp_path, quotation("The bark"), quotation("The park", name="q2"))

    (finding,) = quotes(report)
    assert (finding.rule, finding.line, finding.value) == ("quote-differs", 4, "The bark")


@pytest.mark.parametrize(("start", "end"), [(0, 10_000), (5, 5), (9, 3), (-4, 3), (10_000, 10_001)])
def test_range_out_of_the_text(tmp_path: Path, start: int, end: int) -> None:
    """A range that is not one in the text is told, and does not count as coverage."""
    report = check(tmp_path, quotation("", start, end))

    (finding,) = quotes(report)
    assert (finding.rule, finding.line) == ("quote-range", 4)
    (coverage,) = report.coverage
    assert coverage.uncovered == ((0, len(TEXT.rstrip())),)
    assert 0 <= coverage.covered_share < 0.1


def test_folder_of_texts_that_cannot_be_read(tmp_path: Path) -> None:
    """Quotations that nobody can verify for a fault of texts/ block; an absent one does not."""
    (tmp_path / "texts").write_text("x")

    report = check(tmp_path, quotation("nothing", 1, 2), at_hand=False)

    assert [(finding.rule, finding.file) for finding in report.findings] == [
        ("unreadable", "texts"),
        ("quotes-unchecked", "data/a.ttl"),
    ]


def test_text_that_is_not_at_hand(tmp_path: Path) -> None:
    """Quotations of an absent text are counted, told and block nothing."""
    report = check(tmp_path, quotation("nothing", 1, 2), at_hand=False)

    (finding,) = quotes(report)
    assert (finding.rule, finding.severity) == ("quotes-unchecked", Severity.INFO)
    assert "(1)" in finding.message
    assert "SHA-256" in finding.remedy
    assert report.coverage == ()


def test_coverage_is_what_statements_point_to(tmp_path: Path) -> None:
    """The ranges that nothing points to are named, overlaps counted once, white space left out."""
    park, grows = place("The park opened."), place("grows.")
    report = check(
        tmp_path,
        quotation("", 0, park[0]),
        quotation("", 5, park[1], name="q2"),
        quotation("", *grows, name="nobody-points-to-this"),
    )

    (coverage,) = report.coverage
    assert coverage.uncovered == ((park[1] + 1, grows[1]),)
    assert coverage.length == len(TEXT)
    assert of_rule(report.findings, "quote-range") == []
