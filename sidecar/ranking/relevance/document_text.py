"""The text of a document as the model reads it; the same for serving, evaluation and training."""

from collections.abc import Mapping

from sidecar.config.profile import DocumentText
from sidecar.domain.candidate import FieldValues

VALUE_SEPARATOR = ", "


def document_text(fields: Mapping[str, FieldValues], document: DocumentText) -> str:
    """The profile's fields in its order, absent and empty ones left out, cut at its limit."""
    parts = []
    get = fields.get
    for name in document.fields:
        values = get(name)
        if values:
            part = _spelt(values[0])
            if len(values) > 1:
                part = VALUE_SEPARATOR.join([_spelt(value) for value in values])
            if part and not part.isspace():
                parts.append(part)
    return document.separator.join(parts)[: document.max_characters]


def _spelt(value: str | float | bool) -> str:
    """A value as a shop would print it: red, 5, 5.25, true."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if float(value).is_integer() else str(value)
