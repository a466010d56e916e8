"""What `reshelf bench-layout` does, step by step."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from opensearchpy import OpenSearch
from rich.console import Console

from sidecar.benchmark.layout.bed import Bed, lay
from sidecar.benchmark.layout.choice import Choice, choose
from sidecar.benchmark.layout.plot import draw
from sidecar.benchmark.layout.report import choice_told, data, speed_told, table
from sidecar.benchmark.layout.settings import settings
from sidecar.benchmark.layout.speed import Speed, speed
from sidecar.benchmark.layout.trade_off import Measured, measured
from sidecar.cli.pipeline import configured_profile
from sidecar.cli.shop import sample_shop
from sidecar.cli.steps.evaluation_arms import model_folder
from sidecar.cli.steps.judged_index import judged, loaded, products_of, warn
from sidecar.cli.steps.output_files import check_output_folder
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.inference import Encoder, ModelFolderError
from sidecar.ranking.relevance.onnx import OnnxScorer
from sidecar.ranking.relevance.scorer import ScorerError

OWN = "our shop"
OTHER = "other"
SHOP_PRODUCTS = 8000


@dataclass(frozen=True)
class LayoutBench:
    """The command's options."""

    products: Path | None
    judgments: Path | None
    profile: str
    model: str
    plot: Path | None
    json_out: str | None
    profiles: Path | None


def run_layout_bench(client: OpenSearch, asked: LayoutBench) -> None:
    """Lays the beds, rearranges, chooses, measures the time, tells. Raises what the steps raise."""
    check_output_folder("--json", asked.json_out)
    check_output_folder("--plot", asked.plot)
    profile = configured_profile(asked.profile, asked.profiles)
    try:
        encoder = Encoder.load(model_folder(asked.model, "--model"))
    except ModelFolderError as error:
        raise ConfigurationError(f"--model: {error}") from error
    beds: dict[str, Sequence[Measured]] = {}
    own: Bed | None = None
    for name, products, judgments in _shops(asked):
        bed = _bed(client, name, products, judgments, profile, OnnxScorer(encoder))
        own = own or bed
        with work_progress(f"Rearranging {name}", len(bed.queries)) as tick:
            beds[name] = measured(bed, settings(), profile.relevance.features, tick)
    assert own is not None, "the first shop is our own"  # noqa: S101
    choice = choose(beds[OWN])
    _tell(beds, choice, speed(own, profile), encoder.fingerprint, asked)


def _shops(asked: LayoutBench) -> Iterator[tuple[str, Path, Path]]:
    """Our own, which chooses; then the one that reports, where there is one."""
    shop = sample_shop(SHOP_PRODUCTS)
    yield OWN, shop.products, shop.judgments
    if asked.products is None or asked.judgments is None:
        warn("the setting is chosen and told on the same shop: name other products with --products")
        return
    yield asked.products.parent.name or OTHER, asked.products, asked.judgments


def _bed(
    client: OpenSearch, name: str, products: Path, judgments: Path, profile: Profile, scorer: OnnxScorer
) -> Bed:
    queries = judged(judgments)
    with (
        loaded(client, products_of(products), None, keep=False) as index,
        work_progress(f"Ranking {name}", len(queries)) as tick,
    ):
        try:
            bed = lay(client, index, name, queries, profile, scorer, tick)
        except ScorerError as error:
            raise ConfigurationError(f"--model: {error}") from error
    if not bed.queries:
        raise ConfigurationError(f"{judgments}: no query finds anything in {products}.")
    if len(bed.queries) < len(queries):
        warn(f"{len(queries) - len(bed.queries)} of {len(queries)} queries find nothing; they are left out")
    return bed


def _tell(
    beds: dict[str, Sequence[Measured]], choice: Choice, found: Speed, model: str, asked: LayoutBench
) -> None:
    # With the JSON on stdout, everything else goes to stderr.
    on_stderr = asked.json_out == "-"
    console = Console(stderr=on_stderr, width=200 if not Console(stderr=on_stderr).is_terminal else None)
    for name, rows in beds.items():
        console.print(table(name, rows, choice.name))
    console.print(choice_told(OWN, choice), highlight=False)
    console.print(speed_told(found), highlight=False)
    text = json.dumps(data(beds, choice, found, model), indent=1, ensure_ascii=False)
    if on_stderr:
        typer.echo(text)
    elif asked.json_out is not None:
        Path(asked.json_out).write_text(text + "\n", encoding="utf-8")
    if asked.plot is not None:
        draw(asked.plot, beds, choice.name)
        console.print(f"Drawn: {asked.plot}", highlight=False)
