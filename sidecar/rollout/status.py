"""What is live, what may be next, and what the sidecars have seen of it."""

import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from sidecar.config.alias import Alias
from sidecar.ranking.relevance.triton_control import ControlError
from sidecar.rollout.alias_file import current_alias
from sidecar.rollout.connected import connected
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.target import Target

TIMEOUT = 5.0
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def status(target: Target, sidecars: Iterable[str] = (), token: str = "") -> dict[str, Any]:
    """The alias, each model's state on Triton, and the figures of the sidecars' HTTP listeners.

    Raises RolloutError for a damaged alias or a sidecar that does not answer.
    """
    alias = current_alias(target.alias)
    models: dict[str, Any] = {}
    async with connected(target.connection) as triton:
        for part, served in (
            ("live", alias.live),
            ("previous", alias.previous),
            ("candidate", alias.candidate),
        ):
            if served is None:
                continue
            models[part] = {**served.model_dump(), "ready": False, "asked": None}
            try:
                models[part]["ready"] = await triton.control.is_ready(served.model)
                if models[part]["ready"]:
                    models[part]["asked"] = await triton.control.asked(served.model)
            except ControlError as error:
                models[part]["error"] = str(error)
    return {
        "alias": str(target.alias),
        "models": models,
        "shadow": alias.shadow.model_dump() if alias.shadow else None,
        "sidecars": [_seen_by(url, alias, token) for url in sidecars],
        "history": [step.model_dump() for step in alias.history],
    }


def _seen_by(url: str, alias: Alias, token: str) -> dict[str, Any]:
    samples = _samples(url, token)
    live = [
        dict(labels)["model"]
        for (name, labels), value in samples.items()
        if name == "reshelf_live_model" and value
    ]
    candidate = alias.candidate.model if alias.candidate else ""
    return {
        "url": url,
        "live": live[0] if live else None,
        "follows": bool(live) and alias.live is not None and live[0] == alias.live.model,
        "shadow": _shadow(samples, candidate) if candidate else None,
    }


def _shadow(samples: Samples, model: str) -> dict[str, Any]:
    """Means since the sidecar's start."""

    def value(name: str, **labels: str) -> float:
        return samples.get((f"reshelf_shadow_{name}", frozenset({"model": model, **labels}.items())), 0.0)

    def mean(name: str, **labels: str) -> float | None:
        count = value(f"{name}_count", **labels)
        return value(f"{name}_sum", **labels) / count if count else None

    outcomes = ("compared", "dropped", "incomplete", "failed")
    return {
        **{outcome: int(value("searches_total", outcome=outcome)) for outcome in outcomes},
        "top10_overlap": mean("overlap"),
        "pairs_turned": mean("kendall_distance"),
        "live_seconds": mean("seconds", ranker="live"),
        "candidate_seconds": mean("seconds", ranker="candidate"),
    }


def _samples(url: str, token: str) -> Samples:
    if not url.startswith(("http://", "https://")):
        raise RolloutError(f"--sidecar {url}: give the address of its HTTP listener, http://host:8080.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{url.rstrip('/')}/metrics", headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            text = answer.read().decode()
    except OSError as error:
        raise RolloutError(f"{url}: the sidecar's metrics cannot be read: {error}.") from error
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
