"""How the service describes itself: a manifest for each version of the API."""

from typing import Any

from metropole.release import Content
from metropole.vocab import RDFS
from metropole.web.labels.worded import site_title
from metropole.web.languages import gettext as _
from metropole.web.languages import language, named
from metropole.web.reconcile.questions import ALL_LANGUAGES
from metropole.web.reconcile.schema import Term

#: The versions that each endpoint speaks.
VERSIONS, DRAFT = ("0.1", "0.2"), "1.0-draft"
#: Viewport of previews, in pixels.
WIDTH, HEIGHT = 380, 280
#: Types that are offered where a client cannot guess any.
DEFAULT_TYPES = 20


def manifest_of_02(
    content: Content, types: list[Term], batch: int, *, version: str
) -> dict[str, Any]:
    """Describe the service as version 0.2 has it (section 3.1)."""
    endpoint = f"{content.base}reconcile"
    service = {"service_url": endpoint}
    return {
        "versions": list(VERSIONS),
        **_common(content, types, batch, version),
        "identifierSpace": f"{content.base}id/",
        "schemaSpace": f"{RDFS}Resource",
        # Clients write the id with %2F for a slash, which not every proxy lets through in a path.
        "view": {"url": f"{endpoint}/view?id={{{{id}}}}"},
        "preview": {"url": f"{endpoint}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {
            kind: {
                **service,
                "service_path": f"/suggest/{kind}",
                "flyout_service_url": endpoint,
                "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {**service, "service_path": "/extend/propose"},
            "property_settings": [
                {
                    "name": each["id"],
                    "label": each["name"],
                    **{
                        key: value
                        for key, value in each.items()
                        if key not in ("id", "name", "helpText")
                    },
                    "help_text": each["helpText"],
                }
                for each in _settings(content)
            ],
        },
    }


def manifest_of_draft(
    content: Content, types: list[Term], batch: int, *, version: str
) -> dict[str, Any]:
    """Describe the service as the draft of 1.0 has it."""
    return {
        "versions": [DRAFT],
        **_common(content, types, batch, version),
        "view": {"url": f"{content.base}id/{{+id}}"},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {"proposeProperties": True, "propertySettings": _settings(content)},
        "standardizedScore": True,
        "lang": language(),
    }


def _common(content: Content, types: list[Term], batch: int, version: str) -> dict[str, Any]:
    return {
        "name": site_title().text,
        "documentation": f"{content.base}reconcile/about",
        "logo": f"{content.base}static/icon.svg",
        "serviceVersion": version,
        "defaultTypes": [{"id": each.id, "name": each.name.text} for each in types],
        "batchSize": batch,
    }


def _settings(content: Content) -> list[dict[str, Any]]:
    """Describe how the values of a property can be wanted, as the draft of 1.0 writes it."""
    return [
        {
            "id": "limit",
            "name": _("Number of values"),
            "type": "number",
            "default": 0,
            "helpText": _("At most so many values of each thing; 0 means all of them."),
        },
        {
            "id": "content",
            "name": _("Content"),
            "type": "select",
            "default": "thing",
            "helpText": _("How values that are things of this site are given."),
            "choices": [
                {"value": "thing", "name": _("Things, already matched")},
                {"value": "name", "name": _("Their names only")},
                {"value": "iri", "name": _("Their addresses only")},
                {"value": "count", "name": _("How many there are")},
            ],
        },
        {
            "id": "language",
            "name": _("Language"),
            "type": "select",
            "default": "",
            "helpText": _("Which texts are given where there are several languages."),
            "choices": [
                {"value": "", "name": _("The one that suits the reader best")},
                {"value": ALL_LANGUAGES, "name": _("All languages")},
                *({"value": tag, "name": named(tag)} for tag in content.languages),
            ],
        },
    ]
