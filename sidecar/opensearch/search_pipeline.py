"""Put the search pipeline on indices, and take it off in the order that keeps every search working."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, RequestError, TransportError

from sidecar.opensearch.connection import explained, reason
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.pipeline_file import PIPELINE

DEFAULT_PIPELINE = "index.search.default_pipeline"
NONE = "_none"


@dataclass(frozen=True)
class PipelineUse:
    """Who names the pipeline: indices as their default, and templates that would pass it on."""

    pipeline: str
    body: dict[str, Any] | None
    indices: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def apply_pipeline(client: OpenSearch, body: dict[str, Any], name: str = PIPELINE) -> None:
    """Create or update the pipeline. Raises ClusterError with OpenSearch's own reason and the fix."""
    with explained(f"creating the search pipeline `{name}`"):
        try:
            client.search_pipeline.put(id=name, body=body)
        except RequestError as error:
            why = reason(error)
            raise ClusterError(f"OpenSearch refuses the pipeline `{name}`: {why}{_fix(why)}") from error


def _fix(why: str) -> str:
    if "Invalid processor type" in why or "No processor type" in why:
        return (
            "\nThe plugin `reshelf` is not on (all) nodes of this cluster. Build it with "
            "`reshelf plugin build`, install it on every node with opensearch-plugin, restart the nodes."
        )
    return "\nChange plugin_config/pipelines/ so, and apply again."


def set_default(client: OpenSearch, index: str, name: str = PIPELINE, *, force: bool = False) -> list[str]:
    """Make the pipeline the default of `index` (a name, an alias or a pattern). Answers the indices' names.

    An index that has another default is refused unless `force`. Raises ClusterError.
    """
    with explained(f"setting the default search pipeline of `{index}`"):
        defaults = _defaults_of(client, index)
        if not defaults:
            raise ClusterError(f"no index is named `{index}`. Load one: `reshelf data load --index …`.")
        others = {found for found in defaults.values() if found not in (None, NONE, name)}
        if others and not force:
            raise ClusterError(
                f"`{index}` already has the default search pipeline {', '.join(map(repr, sorted(others)))}. "
                f"Add --force to put `{name}` in its place."
            )
        _put_default(client, defaults, name)
        return sorted(defaults)


def _put_default(client: OpenSearch, indices: Iterable[str], name: str | None) -> None:
    """Set (or with None: unset) the default of concrete indices, so many at a time as a URL can name."""
    names = list(indices)
    for begin in range(0, len(names), 12):
        some = ",".join(names[begin : begin + 12])
        client.indices.put_settings(index=some, body={DEFAULT_PIPELINE: name})


def _defaults_of(client: OpenSearch, index: str) -> dict[str, str | None]:
    """The default search pipeline of every concrete index behind a name; empty if there is none."""
    try:
        found = client.indices.get_settings(
            index=index, params={"flat_settings": "true", "expand_wildcards": "all"}
        )
    except NotFoundError:
        return {}
    return {name: entry["settings"].get(DEFAULT_PIPELINE) for name, entry in found.items()}


def show_pipeline(client: OpenSearch, name: str = PIPELINE) -> PipelineUse:
    """The pipeline as the cluster has it (`body` None: not at all) and everything that names it."""
    with explained(f"looking for the search pipeline `{name}`"):
        try:
            body = client.search_pipeline.get(id=name).get(name)
        except NotFoundError:
            body = None
        defaults = _defaults_of(client, "*")
        indices = sorted(index for index, found in defaults.items() if found == name)
        return PipelineUse(name, body, indices, sorted(_templates_naming(client, name)))


def _templates_naming(client: OpenSearch, name: str) -> Iterator[str]:
    """Templates whose settings name the pipeline, as their paths in the REST API."""
    for kind, listed in (
        ("_index_template", "index_templates"),
        ("_component_template", "component_templates"),
    ):
        for entry in client.transport.perform_request("GET", f"/{kind}")[listed]:
            content = entry[listed.removesuffix("s")]
            if _names(content.get("template", {}).get("settings", {}), name):
                yield f"{kind}/{entry['name']}"
    for template, content in client.transport.perform_request("GET", "/_template").items():
        if _names(content.get("settings", {}), name):
            yield f"_template/{template}"


def _names(settings: dict[str, Any], name: str) -> bool:
    """Whether template settings, nested or flat, hold the default pipeline `name`."""
    value: Any = settings.get(DEFAULT_PIPELINE)
    if value is None:
        index = settings.get("index", {})
        value = index.get("search", {}).get("default_pipeline", index.get("search.default_pipeline"))
    return bool(value == name)


def remove_pipeline(client: OpenSearch, index: str | None = None, name: str = PIPELINE) -> PipelineUse:
    """Take the pipeline off `index`, or off every index, and delete it once nothing names it.

    Defaults go first: an index whose default pipeline does not exist answers every search with 400.
    Answers what still names it, with `body` None when it was deleted. Raises ClusterError, before
    anything was changed, if a template would go on naming a pipeline that is to be deleted.
    """
    use = show_pipeline(client, name)
    with explained(f"removing the search pipeline `{name}`"):
        if index is None:
            if use.templates:
                raise ClusterError(
                    f"new indices would still get `{name}` from {', '.join(use.templates)}, and refuse every "
                    f"search. Take `{DEFAULT_PIPELINE}` out of the template, then remove the pipeline."
                )
            targets = use.indices
        else:
            defaults = _defaults_of(client, index)
            if not defaults:
                raise ClusterError(f"no index is named `{index}`.")
            targets = sorted(found for found, default in defaults.items() if default == name)
        _put_default(client, targets, None)
        left = show_pipeline(client, name)
        if left.indices or left.templates or left.body is None:
            return left
        try:
            client.search_pipeline.delete(id=name)
        except TransportError as error:
            if not isinstance(error, NotFoundError):
                raise
        return PipelineUse(name, None)
