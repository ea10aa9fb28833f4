"""Check the templates of a site: a page that cannot be made is told before a release is."""

from jinja2 import Environment, TemplateSyntaxError

from metropole.graph import SiteGraph
from metropole.report import Finding, Severity


def broken_templates(graph: SiteGraph) -> list[Finding]:
    """Find templates that Jinja cannot read; what they show is known only when they are used."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    findings = []
    for template in graph.templates:
        try:
            environment.parse(template.text, template.name)
        except TemplateSyntaxError as error:
            findings.append(
                Finding(
                    Severity.VIOLATION,
                    "template-syntax",
                    f"The template cannot be read: {error.message}.".replace("..", "."),
                    file=template.name,
                    line=error.lineno,
                    remedy="Correct the line; the templates of Metropole show how pages are made.",
                )
            )
    return findings
