"""The settings of the sidecar's service: one YAML file, and environment variables above it.

An environment variable is `RESHELF_` and the key's path joined by `__`, for example
`RESHELF_GRPC__PORT=50051` or `RESHELF_SCORER__KIND=order`. Paths in the file are relative to its folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, model_validator

from sidecar.config.absolute_paths import with_absolute_paths
from sidecar.config.engagement import Engagement
from sidecar.config.environment import settings_from_environment
from sidecar.config.errors import ConfigurationError
from sidecar.config.events import EventSettings
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.privacy import Privacy
from sidecar.config.profile import PROFILE_NAME
from sidecar.config.rules import Rules
from sidecar.config.served import Served
from sidecar.config.start_checks import check_exposure, check_files, check_forgetting
from sidecar.config.store import Store
from sidecar.config.strict import Strict
from sidecar.config.yaml_file import read_yaml, validate

MIN_TOKEN_CHARACTERS = 16

Port = Annotated[int, Field(ge=0, le=65535)]
Milliseconds = Annotated[float, Field(gt=0, le=600_000)]


class ServerTls(Strict):
    """Certificate and key (PEM files) that a listener shows; `client_ca` makes it ask for the caller's."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Grpc(Strict):
    """The gRPC listener. Port 0: any free one."""

    host: str = "127.0.0.1"
    port: Port = 50051
    tls: ServerTls | None = None
    reflection: bool = True
    max_message_mib: int = Field(default=32, ge=1, le=1024)


class Http(Strict):
    """The HTTP listener: the JSON twin, health, metrics, documentation. Port 0: any free one."""

    host: str = "127.0.0.1"
    port: Port = 8080
    tls: ServerTls | None = None
    token: SecretStr | None = Field(default=None, description="what callers send as `Authorization: Bearer`")
    token_file: Path | None = Field(default=None, description="a file that holds the token")
    max_body_mib: int = Field(default=32, ge=1, le=1024)


class Profiles(Strict):
    """Where the ranking profiles are, and which one counts when a search names none."""

    folder: Path = Path("profiles")
    default: str = Field(default="default", pattern=f"^{PROFILE_NAME.pattern}$")


class Vocabularies(Strict):
    """Where the vocabularies of indices are (`reshelf vocabulary build`). The folder may be absent."""

    folder: Path = Path("vocabularies")
    reload_ms: Milliseconds = Field(default=5000, description="between looks for a new version")


class Limits(Strict):
    """What one search may carry; the contract (proto/reshelf/v1/rerank.proto) gives the defaults."""

    candidates: int = Field(default=1000, ge=1, le=1000)
    query_characters: int = Field(default=2048, ge=1, le=65536)
    fields: int = Field(default=64, ge=1, le=1024)
    text_kib: int = Field(default=64, ge=1, le=1024, description="text of one candidate")
    in_flight: int = Field(default=256, ge=1, le=100_000, description="searches at the same time")


class Budget(Strict):
    """How long a search may take."""

    default_ms: Milliseconds = Field(default=1000, description="where the caller states no deadline")
    reserve_ms: float = Field(default=5, ge=0, le=1000, description="kept back for the answer's way home")


class ClientTls(Strict):
    """How the sidecar trusts Triton, and what it shows of itself. All empty: the system's authorities."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _pair(self) -> "ClientTls":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` go together")
        return self


class Triton(Strict):
    """The model server."""

    address: str = Field(default="127.0.0.1:8001", pattern=r"^\S+:\d+$", description="gRPC, host:port")
    model: str = Field(default="bert_reranker", min_length=1)
    model_version: str = Field(default="", description="empty: Triton's own policy")
    alias: Path | None = Field(default=None, description="a file that names the model, in place of these two")
    repair: bool = Field(default=False, description="have a lost model loaded again, by explicit control")
    tls: ClientTls | None = None


class Onnx(Strict):
    """The model in the sidecar's own process; needs the extra `onnx`."""

    folder: Path | None = Field(default=None, description="a built model folder (reshelf model build)")
    threads: int = Field(default=0, ge=0, le=1024, description="0: one for each core")
    cache_mib: int = Field(default=64, ge=0, le=1_048_576, description="document vectors kept")


class Canary(Strict):
    """The probe that decides readiness: a small text is scored, again and again."""

    interval_ms: Milliseconds = 5000
    retry_ms: Milliseconds = Field(default=250, description="between probes while the scorer is not usable")
    timeout_ms: Milliseconds = 2000
    failures: int = Field(default=3, ge=1, le=100, description="in a row until the scorer counts as down")


class Scorer(Strict):
    """Who scores texts against the query."""

    kind: Literal["triton", "onnx", "order"] = "triton"
    triton: Triton = Triton()
    onnx: Onnx = Onnx()
    canary: Canary = Canary()


class ScoreCache(Strict):
    """Scores kept in memory by query, text and model. 0: none."""

    max_mib: int = Field(default=64, ge=0, le=1_048_576)


class VectorCache(Strict):
    """Documents' vectors kept in memory by text and model, for learned blends. 0: none."""

    max_mib: int = Field(default=64, ge=0, le=1_048_576)


class Logging(Strict):
    """What is written to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class SidecarSettings(Strict):
    """Everything that `reshelf serve` can be told."""

    grpc: Grpc = Grpc()
    http: Http = Http()
    insecure_listen: bool = Field(default=False, description="allow plain text on other than loopback")
    profiles: Profiles = Profiles()
    vocabularies: Vocabularies = Vocabularies()
    rules: Rules = Rules()
    limits: Limits = Limits()
    budget: Budget = Budget()
    scorer: Scorer = Scorer()
    score_cache: ScoreCache = ScoreCache()
    vector_cache: VectorCache = VectorCache()
    state_folder: Path = Field(
        default=Path("../.reshelf/sidecar"),
        description="what the sidecar itself writes: records, journal, keys",
    )
    store: Store = Store()
    privacy: Privacy = Privacy()
    events: EventSettings = EventSettings()
    served: Served = Served()
    engagement: Engagement = Engagement()
    online_blend: OnlineBlend = OnlineBlend()
    drain_ms: Milliseconds = Field(default=10_000, description="time for searches in flight at the end")
    logging: Logging = Logging()

    def http_token(self) -> str:
        """The token of the HTTP edge, or "" where none is asked for. Raises ConfigurationError."""
        # Not a validator: what pydantic says of a section shows its values.
        if self.http.token is not None and self.http.token_file is not None:
            raise ConfigurationError("`http.token` and `http.token_file` are both given: keep one.")
        if self.http.token is not None:
            token, source = self.http.token.get_secret_value(), "http.token"
        elif self.http.token_file is not None:
            token, source = self.http.token_file.read_text("utf-8").strip(), f"{self.http.token_file}"
        else:
            return ""
        if len(token) < MIN_TOKEN_CHARACTERS:
            raise ConfigurationError(
                f"{source}: a token has at least {MIN_TOKEN_CHARACTERS} characters. "
                "Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
            )
        return token


def load_settings(file: Path | None) -> SidecarSettings:
    """The file (or the defaults) under the environment's values, checked as a whole.

    Raises ConfigurationError naming the key, what is allowed and the fix.
    """
    data = read_yaml(file) if file is not None else {}
    source = str(file) if file is not None else "settings"
    from_environment = settings_from_environment(SidecarSettings)
    if from_environment:
        source += " and RESHELF_ variables"
    settings = validate(_over(data, from_environment), SidecarSettings, source)
    settings = with_absolute_paths(settings, (file.parent if file is not None else Path()).resolve())
    check_exposure(settings, source)
    check_files(settings, source)
    check_forgetting(settings, source)
    settings.http_token()
    return settings


def _over(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """`lower` with the values of `upper` in place of its own, section by section."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(below or {}, value) if isinstance(value, dict) and _is_section(below) else value
    return merged


def _is_section(value: Any) -> bool:
    return value is None or isinstance(value, dict)
