"""The whole service on an alias: ready, exchanged, and never taken in by another model."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tritonclient.grpc import service_pb2 as wire

from sidecar.app import check
from sidecar.config.alias import Alias, ServedModel
from sidecar.config.errors import ConfigurationError
from sidecar.ranking.relevance.order import word_vectors
from sidecar.rollout.alias_file import write_alias
from tests.fixtures.fake_triton import Call, FakeTriton, answer, vectors
from tests.fixtures.service import request, running, settings, stub

TITLES = ["blue hat", "green sofa", "red shoes", "red hat"]


async def both_models(_: FakeTriton, call: Call, __: Any) -> wire.ModelInferResponse:
    """Two models under their names; the first one scores rising, the second one falling."""
    _, texts, sent = call
    fingerprint = f"{sent.model_name}@1"
    if "VECTOR" in [tensor.name for tensor in sent.outputs]:
        return vectors(word_vectors(texts), fingerprint)
    scores = [float(place) for place in range(len(texts))]
    return answer(scores if sent.model_name == "v1" else scores[::-1], fingerprint)


def served(name: str, fingerprint: str = "") -> ServedModel:
    return ServedModel(model=name, fingerprint=fingerprint or f"{name}@1")


async def test_the_service_follows_the_alias_and_only_believes_the_model_that_it_names(
    tmp_path: Path,
) -> None:
    alias = tmp_path / "live.json"
    async with FakeTriton(both_models) as server:
        triton = {"address": server.address, "alias": alias}
        configured = settings(scorer={"kind": "triton", "triton": triton})
        async with running(configured, ready=False) as service, stub(service) as client:

            async def model() -> str:
                found = await client.Rerank(request(TITLES), timeout=5)
                assert len(found.hits) == len(TITLES)
                return found.versions.get("model", ",".join(skip.reason for skip in found.skipped))

            async def becomes(expected: str) -> None:
                async with asyncio.timeout(10):
                    while await model() != expected:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)

            assert await model() == "scorer_unavailable"
            write_alias(alias, Alias(live=served("v1")))
            await asyncio.wait_for(service.wait_until_ready(), 10)
            await becomes("v1@1")
            write_alias(alias, Alias(live=served("v2"), previous=served("v1")))
            await becomes("v2@1")
            assert service.model == "v2@1"
            write_alias(alias, Alias(live=served("v3", "another@1"), previous=served("v2")))
            await asyncio.sleep(1.5)
            assert await model() == "v2@1", "v3 does not answer as the alias says"
            write_alias(alias, Alias(live=served("v1"), previous=served("v2")))
            # Once the service has given v3 up.
            await becomes("v1@1")


async def test_check_reads_the_alias(tmp_path: Path) -> None:
    alias = tmp_path / "live.json"
    configured = settings(scorer={"kind": "triton", "triton": {"alias": alias}})
    await check(configured)
    alias.write_text('{"lief": 1}')
    with pytest.raises(ConfigurationError, match="unknown key `lief`"):
        await check(configured)
