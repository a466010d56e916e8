"""The composition root: the one place that names concrete classes."""

import asyncio
import gc
import signal
from collections.abc import Callable
from weakref import WeakValueDictionary

from sidecar.config.alias import ServedModel, read_alias
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import load_profiles
from sidecar.config.sidecar import Scorer as ScorerSettings
from sidecar.config.sidecar import SidecarSettings
from sidecar.config.sidecar import Triton as TritonSettings
from sidecar.layout_parts import LayoutParts
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors, VectorRows
from sidecar.ranking.relevance.live import LiveRelevance, ModelInUse
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.repair import LoadAgain
from sidecar.ranking.relevance.scorer import Scorer
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.relevance.triton_connection import triton_connection
from sidecar.ranking.relevance.watch import CanaryPlan, WatchedScorer
from sidecar.ranking.stage import Stage
from sidecar.ranking.understanding.step import UnderstandingStep
from sidecar.ranking.understanding.vocabularies import Vocabularies
from sidecar.server.admission import Admission
from sidecar.server.conversion import Contract
from sidecar.server.grpc_edge import GrpcEdge
from sidecar.server.http_edge import HttpEdge, http_app
from sidecar.server.rerank import RerankEndpoint
from sidecar.server.service import Service
from sidecar.shopper_parts import ShopperParts
from sidecar.telemetry.metrics import Metrics

MIB = 1024 * 1024


def build(settings: SidecarSettings, scorer: Scorer | None = None) -> Service:
    """The service as configured, not started; to be called inside the event loop that will run it.

    `scorer` replaces the configured one. Raises ConfigurationError naming what does not fit together.
    """
    metrics = Metrics()
    profiles = load_profiles(settings.profiles.folder)
    if settings.profiles.default not in profiles:
        raise ConfigurationError(
            f"`profiles.default`: no profile `{settings.profiles.default}` in {settings.profiles.folder}. "
            f"There are: {', '.join(sorted(profiles))}."
        )
    watched, relevance = _relevance(settings, scorer, metrics)
    vocabularies = Vocabularies(settings.vocabularies.folder, settings.vocabularies.reload_ms / 1000, metrics)
    vocabularies.look()
    shoppers = ShopperParts(settings, profiles, metrics)
    layout = LayoutParts(settings, profiles, shoppers.keys, metrics)
    pipeline = RankingPipeline(
        profiles,
        settings.profiles.default,
        relevance,
        metrics,
        reserve=settings.budget.reserve_ms / 1000,
        understanding=UnderstandingStep(vocabularies),
        personalization=shoppers.stage,
        layout=layout.stage,
        recorder=shoppers.recorder,
    )
    contract = Contract(settings.limits, settings.budget.default_ms / 1000)
    endpoint = RerankEndpoint(
        pipeline.rerank, contract, Admission(settings.limits.in_flight, metrics), metrics
    )
    application = http_app(
        settings.http,
        settings.http_token(),
        endpoint,
        metrics.registry,
        lambda: watched.usable,
        routers=[shoppers.edges.router],
        told=layout.told,
    )
    return Service(
        GrpcEdge(settings.grpc, endpoint, services=[shoppers.edges.service]),
        HttpEdge(settings.http, application),
        watched,
        settings.drain_ms / 1000,
        beside=[vocabularies.watch],
        parts=[shoppers, layout],
    )


def _relevance(
    settings: SidecarSettings, given: Scorer | None, metrics: Metrics
) -> tuple[WatchedScorer | LiveRelevance, Stage]:
    """What the service watches, and the stage that searches go through."""
    cache = ScoreCache(settings.score_cache.max_mib * MIB, metrics)
    triton, vector_bytes = settings.scorer.triton, settings.vector_cache.max_mib * MIB
    # By what makes the vectors; gone with the last model that shares them.
    kept: WeakValueDictionary[str, VectorRows] = WeakValueDictionary()

    def stage_of(scorer: WatchedScorer) -> RelevanceStage:
        return RelevanceStage(scorer, cache, KnownVectors(scorer, vector_bytes, metrics))

    def watched(scorer: Scorer, model: str = "") -> WatchedScorer:
        repair = LoadAgain(lambda: load_again(triton, model), metrics) if model and triton.repair else None
        return WatchedScorer(scorer, canary_plan(settings.scorer), metrics, repair)

    def in_use(served: ServedModel) -> ModelInUse:
        scorer = watched(build_triton(triton, served), served.model)
        rows = kept.setdefault(served.vectors or served.fingerprint, VectorRows(vector_bytes))
        vectors = KnownVectors(scorer, vector_bytes, metrics, rows=rows, model=served.fingerprint)
        return ModelInUse(served, scorer, RelevanceStage(scorer, cache, vectors))

    if given is not None:
        scorer = watched(given)
    elif settings.scorer.kind == "triton" and triton.alias is not None:
        live = LiveRelevance(triton.alias, in_use, metrics)
        return live, live
    elif settings.scorer.kind == "triton":
        scorer = watched(build_scorer(settings.scorer), triton.model)
    else:
        scorer = watched(build_scorer(settings.scorer))
    return scorer, stage_of(scorer)


def build_scorer(settings: ScorerSettings) -> Scorer:
    """The scorer of the configured kind. Heavy libraries are imported for the kind that needs them."""
    match settings.kind:
        case "order":
            return OrderScorer()
        case "triton":
            return build_triton(settings.triton)
        case "onnx":
            from sidecar.inference import Encoder, ModelFolderError
            from sidecar.ranking.relevance.onnx import OnnxScorer

            onnx = settings.onnx
            if onnx.folder is None:
                raise ConfigurationError("`scorer.onnx.folder` is missing.")
            try:
                encoder = Encoder.load(onnx.folder, threads=onnx.threads, cache_bytes=onnx.cache_mib * MIB)
            except ModelFolderError as error:
                raise ConfigurationError(f"`scorer.onnx.folder`: {error}") from error
            return OnnxScorer(encoder)


def build_triton(settings: TritonSettings, served: ServedModel | None = None) -> Scorer:
    """The scorer of the configured model, or of one that the alias names."""
    from sidecar.ranking.relevance.triton import TritonScorer

    connection = triton_connection(settings)
    if served is not None:
        return TritonScorer(
            connection.address, served.model, fingerprint=served.fingerprint, **connection.options()
        )
    return TritonScorer(
        connection.address, settings.model, model_version=settings.model_version, **connection.options()
    )


async def load_again(settings: TritonSettings, model: str) -> None:
    """Has the model server load a model that it has lost. Raises ControlError."""
    from sidecar.ranking.relevance.triton_control import TritonControl

    control = TritonControl(triton_connection(settings))
    try:
        await control.revive(model)
    finally:
        await control.close()


def canary_plan(settings: ScorerSettings) -> CanaryPlan:
    """The canary's settings in seconds."""
    canary = settings.canary
    return CanaryPlan(
        interval=canary.interval_ms / 1000,
        retry=canary.retry_ms / 1000,
        timeout=canary.timeout_ms / 1000,
        failures=canary.failures,
    )


async def check(settings: SidecarSettings) -> None:
    """Puts everything together without starting it. Raises ConfigurationError."""
    service = build(settings)
    if settings.scorer.triton.alias is not None:
        read_alias(settings.scorer.triton.alias)
    await service.close_parts()


def event_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: it takes a fifth off the time that gRPC needs for a call."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def serve(settings: SidecarSettings, announce: Callable[[str], None]) -> None:
    """Runs the service until SIGTERM or SIGINT; a second signal ends it without waiting for searches.

    `announce` gets one line when the service is ready. Raises ConfigurationError, and OSError for a port
    that is taken.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    service = build(settings)

    def stop() -> None:
        if stopping.is_set():
            service.hurry()
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await service.start()
        ready = asyncio.create_task(_announce(service, settings, announce))
        broken = asyncio.create_task(service.wait_until_broken())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({stopped, broken}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ready, stopped):
            task.cancel()
        if broken.done():
            broken.result()
        broken.cancel()
    finally:
        await service.stop()


async def _announce(service: Service, settings: SidecarSettings, announce: Callable[[str], None]) -> None:
    await service.wait_until_ready()
    # What start-up made stays: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    announce(
        f"reshelf sidecar is ready: gRPC {service.grpc.address}, HTTP {service.http.address}, "
        f"scorer {settings.scorer.kind} ({service.model})"
    )
