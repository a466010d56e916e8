"""The search pipeline as it is written in plugin_config/pipelines/, checked before it is sent."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.config.yaml_file import load_yaml, validate

PIPELINE = "reshelf"
WINDOW_PROCESSOR = "reshelf_window"
RERANK_PROCESSOR = "reshelf"
MOST_CHARACTERS = 16_384

FieldName = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^*.]+(\.[^*.]+)*$")]
ProfileName = Annotated[str, Field(pattern="^[a-z0-9_-]{1,64}$")]
Who = Annotated[str | None, Field(min_length=1, max_length=128)]
Step = Annotated[dict[str, dict[str, Any]], Field(min_length=1, max_length=1)]


class Section(BaseModel):
    """A part of the file: unknown keys are errors, and values are not bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Options(Section):
    """What every processor knows."""

    tag: str | None = None
    description: str | None = None
    ignore_failure: bool = True


class WindowOptions(Options):
    """Options of `reshelf_window`. `browse`: ask where no words are searched."""

    window: int = Field(default=100, ge=1, le=1000)
    profile: ProfileName = "default"
    fields: list[FieldName] | None = Field(default=None, max_length=64)
    max_characters: int | None = Field(default=None, ge=1, le=MOST_CHARACTERS)
    browse: bool | None = None


class ShopperOptions(Section):
    """Who is searching where the request does not say, for tools that cannot."""

    client_id: Who = None
    session_id: Who = None
    user_id: Who = None
    consent: bool | None = None


class ContextOptions(Section):
    """Where a search comes from where the request does not say."""

    locale: str | None = Field(default=None, min_length=1, max_length=35)
    device: str | None = Field(default=None, min_length=1, max_length=64)
    channel: str | None = Field(default=None, min_length=1, max_length=64)
    application: Who = None
    crawler: bool | None = None


class RerankOptions(Options):
    """Options of `reshelf`. `deadline` is a time with its unit, such as 150ms. `nothing_found`: ask there."""

    profile: ProfileName | None = None
    deadline: str | None = Field(default=None, pattern=r"^[1-9][0-9]*(ms|s)$")
    shopper: ShopperOptions | None = None
    context: ContextOptions | None = None
    nothing_found: bool | None = None


class PipelineFile(BaseModel):
    """A search pipeline as OpenSearch takes it. Processors that are not ours are OpenSearch's to check."""

    model_config = ConfigDict(extra="forbid")

    description: str = ""
    version: int | None = None
    request_processors: list[Step]
    response_processors: list[Step]
    phase_results_processors: list[Step] | None = None


def load_pipeline(
    folder: Path,
    profiles: Mapping[str, Profile],
    *,
    window: int | None = None,
    profile: str | None = None,
    name: str = PIPELINE,
) -> dict[str, Any]:
    """The body of `PUT _search/pipeline/NAME` from FOLDER/NAME.yml, with the profile's fields filled in.

    `window` and `profile` override the file's; with another profile its own fields are sent. Raises
    ConfigurationError for an unknown or contradictory option.
    """
    path = folder / f"{name}.yml"
    pipeline = load_yaml(path, PipelineFile)
    asked = _only(path, pipeline.request_processors, "request_processors", WINDOW_PROCESSOR)
    answered = _only(path, pipeline.response_processors, "response_processors", RERANK_PROCESSOR)
    if profile is not None:
        for unwanted in ("fields", "max_characters"):
            asked.pop(unwanted, None)
        asked["profile"] = profile
        answered.pop("profile", None)
    options = validate(asked, WindowOptions, f"{path}: {WINDOW_PROCESSOR}")
    if window is not None:
        options = validate({**asked, "window": window}, WindowOptions, "--window")
    reranking = validate(answered, RerankOptions, f"{path}: {RERANK_PROCESSOR}")
    if reranking.profile not in (None, options.profile):
        raise ConfigurationError(
            f"{path}: `{WINDOW_PROCESSOR}` has the profile `{options.profile}`, `{RERANK_PROCESSOR}` has "
            f"`{reranking.profile}`: the fields of one would be ranked by the other. Keep the first."
        )
    ranking = _profile(path, options.profile, profiles)
    asked.update(
        options.model_dump(exclude_none=True),
        fields=_fields(path, options, ranking),
        # The model reads no more of a document than the profile's limit, so no field needs to be longer.
        max_characters=options.max_characters or min(ranking.document.max_characters, MOST_CHARACTERS),
    )
    answered.update(reranking.model_dump(exclude_none=True))
    return pipeline.model_dump(exclude_none=True)


def _only(
    path: Path, steps: list[Step], key: Literal["request_processors", "response_processors"], processor: str
) -> dict[str, Any]:
    """The options of the one `processor` among the steps; the two of a pipeline only work as a pair."""
    found = [step[processor] for step in steps if processor in step]
    if len(found) != 1:
        raise ConfigurationError(
            f"{path}: `{key}` must hold `{processor}` exactly once, found {len(found)}: "
            f"`{WINDOW_PROCESSOR}` and `{RERANK_PROCESSOR}` only work as a pair."
        )
    return found[0]


def _profile(path: Path, name: str, profiles: Mapping[str, Profile]) -> Profile:
    if name not in profiles:
        raise ConfigurationError(
            f"{path}: `profile`: there is no profile `{name}`. "
            f"Profiles: {', '.join(sorted(profiles)) or 'none'}."
        )
    return profiles[name]


def _fields(path: Path, options: WindowOptions, profile: Profile) -> list[str]:
    """The document fields to send: the profile's, or the file's if the profile finds all it needs there."""
    needed = profile.fields_needed()
    if options.fields is None:
        return needed
    missing = [name for name in needed if name not in options.fields]
    if missing:
        raise ConfigurationError(
            f"{path}: `fields` lacks {', '.join(missing)}, which profile `{options.profile}` reads. "
            f"Add it, or leave `fields` out: it is filled in from the profile."
        )
    repeated = [name for name in options.fields if options.fields.count(name) > 1]
    if repeated:
        raise ConfigurationError(f"{path}: `fields` names {repeated[0]} twice; once is enough.")
    return options.fields
