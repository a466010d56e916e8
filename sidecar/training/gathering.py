"""Puts a run's lists together from all its sources, and counts what was used and what was not."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tokenizers import Tokenizer

from sidecar.config.profile import DocumentText
from sidecar.evaluation.judgments import JudgedQuery, load_judgments
from sidecar.inference.unreadable import is_unreadable, unknown_token
from sidecar.model.checksums import sha256_of
from sidecar.training.catalogue import Catalogue, load_catalogue
from sidecar.training.errors import TrainingError
from sidecar.training.lists import TrainingList
from sidecar.training.settings import JudgedSource, Settings
from sidecar.training.sources.clicks import Clicks, click_lists, load_log
from sidecar.training.sources.judged import judged_lists
from sidecar.training.sources.pools import Pools, judged_together, load_pools, pool_lists
from sidecar.training.sources.titles import title_lists
from sidecar.training.split import query_key, split

NAMED_PROBLEMS = 1000


class Tick(Protocol):
    """Tell how much is done, out of 1; `note` stands beside it."""

    def __call__(self, done: float, note: str = "") -> None: ...


Progress = Callable[[str], AbstractContextManager[Tick]]
"""Opened once for each part of a run, with what it is about."""


def unwatched(_what: str) -> AbstractContextManager[Tick]:
    """The `Progress` of a caller that does not watch."""
    return nullcontext(lambda _done, _note="": None)


@dataclass(frozen=True)
class Inputs:
    """The files of a run. `stop_by` are judgments that are never trained on, only stopped by; `keep_apart`
    are judgments to measure with later: neither their queries nor pools of theirs are trained on."""

    products: Path
    document: DocumentText
    judgments: Path | None = None
    pools: Path | None = None
    clicks: Path | None = None
    stop_by: Path | None = None
    keep_apart: Path | None = None
    locales: Sequence[str] = ()

    def files(self) -> dict[str, Path]:
        """The files by the option that names them."""
        named = {
            "products": self.products,
            "judgments": self.judgments,
            "pools": self.pools,
            "clicks": self.clicks,
            "stop_by": self.stop_by,
            "keep_apart": self.keep_apart,
        }
        return {name: path for name, path in named.items() if path is not None}


@dataclass
class Gathered:
    """Lists to train on and to stop by. `counts` and `problems` go into the card, by source."""

    catalogue: Catalogue
    train: Sequence[TrainingList]
    development: Sequence[TrainingList]
    counts: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Sequence[str]] = field(default_factory=dict)


def gather(inputs: Inputs, settings: Settings, tokenizer: Path, progress: Progress = unwatched) -> Gathered:
    """All lists of a run whose query the base can read. tokenizer: the base's tokenizer.json.

    Raises ConfigurationError for unreadable or bad files, and where nothing is left to learn from.
    """
    checksums = {name: checksum(path) for name, path in inputs.files().items()}
    with progress("Reading the catalogue") as tick:
        catalogue = load_catalogue(inputs.products, inputs.document, inputs.locales)
        tick(0.3, f"{len(catalogue):,} products")
        _ = catalogue.bm25
        tick(1.0)
    gathered = Gathered(catalogue, (), ())
    gathered.counts["products"] = {"used": len(catalogue), "refused": len(catalogue.refusals)}
    gathered.problems["products"] = [
        f"row {refusal.number}: {refusal.reason}" for refusal in catalogue.refusals[:NAMED_PROBLEMS]
    ]
    apart = [query for path in (inputs.keep_apart, inputs.stop_by) if path for query in load_judgments(path)]
    lists: list[TrainingList] = []
    with progress("Making lists") as tick:
        lists += _titles(gathered, settings)
        tick(0.4)
        lists += _pools(gathered, settings, inputs.pools, apart)
        tick(0.7)
        lists += _judged(gathered, settings, inputs.judgments)
        tick(0.9)
        lists += _clicks(gathered, settings, inputs.clicks)
        lists = without(lists, [query.text for query in apart])
        made = len(lists)
        lists = readable(lists, tokenizer)
        gathered.counts["unreadable"] = {"lists": made - len(lists)}
        tick(1.0, f"{len(lists):,} lists")
    _check(lists, gathered)
    _part(gathered, lists, settings, inputs.stop_by)
    for name, digest in checksums.items():
        gathered.counts.setdefault(name, {}).update(sha256=digest, file=inputs.files()[name].name)
    return gathered


def checksum(path: Path) -> str:
    """A file's SHA-256. Raises TrainingError where it cannot be read."""
    try:
        return sha256_of(path)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read: {error.strerror or error}.") from error


def _titles(gathered: Gathered, settings: Settings) -> list[TrainingList]:
    if settings.sources.titles is None:
        return []
    lists = title_lists(gathered.catalogue, settings.sources.titles, settings.seed)
    gathered.counts["titles"] = {"lists": len(lists)}
    return lists


def _pools(
    gathered: Gathered, settings: Settings, path: Path | None, apart: Sequence[JudgedQuery]
) -> list[TrainingList]:
    if path is None:
        return []
    found = load_pools(path, gathered.catalogue)
    pools = [pool for pool in found.pools if not judged_together(pool, apart)]
    lists = pool_lists(gathered.catalogue, pools, settings.sources.pools or Pools(), settings.seed)
    gathered.counts["pools"] = {
        "pools": len(pools),
        "kept_apart": len(found.pools) - len(pools),
        "lists": len(lists),
        "unknown_products": found.unknown_products,
    }
    gathered.problems["pools"] = found.problems
    return lists


def _judged(gathered: Gathered, settings: Settings, path: Path | None) -> list[TrainingList]:
    if path is None:
        return []
    options = settings.sources.judgments or JudgedSource()
    queries = load_judgments(path)
    found = judged_lists(
        queries,
        gathered.catalogue,
        settings.seed,
        size=options.size,
        per_query=options.lists_a_query,
        negatives=options.negatives,
    )
    gathered.counts["judgments"] = {
        "queries": len(queries),
        "lists": len(found.lists),
        "labels": dict(found.labels),
        "unknown_products": found.unknown_products,
    }
    gathered.problems["judgments"] = found.problems
    return list(found.lists)


def _clicks(gathered: Gathered, settings: Settings, path: Path | None) -> list[TrainingList]:
    if path is None:
        return []
    log = load_log(path)
    found = click_lists(log, gathered.catalogue, settings.sources.clicks or Clicks())
    gathered.counts["clicks"] = found.counts
    gathered.problems["clicks"] = [*log.problems, *found.problems]
    return list(found.lists)


def _check(lists: Sequence[TrainingList], gathered: Gathered) -> None:
    if not lists:
        told = [f"{name}: {lines[0]}" for name, lines in gathered.problems.items() if lines]
        reason = f" {'; '.join(told)}." if told else ""
        raise TrainingError(
            f"no list to train on.{reason} Give --judgments, --pools or --clicks whose products are in "
            "--products, or a recipe with sources.titles."
        )
    if not any(max(found.known()) > 0 for found in lists):
        raise TrainingError("no positive: not one product is right for its query, so nothing can be learned.")
    if not any(found.teaches() for found in lists):
        raise TrainingError("a single class: all products of every list are equally right; add negatives.")


def _part(
    gathered: Gathered, lists: Sequence[TrainingList], settings: Settings, stop_by: Path | None
) -> None:
    if stop_by is not None:
        queries = load_judgments(stop_by)
        held = judged_lists(queries, gathered.catalogue, settings.seed, size=40, per_query=1, negatives=20)
        gathered.train, gathered.development = lists, list(held.lists)
        gathered.counts["stop_by"] = {"queries": len(queries), "lists": len(held.lists)}
        gathered.problems["stop_by"] = held.problems
    else:
        gathered.train, gathered.development = split(lists, settings.stopping.share, settings.seed)
    if not gathered.train:
        raise TrainingError("all lists are held out; lower stopping.share or give more queries.")
    gathered.counts["split"] = {
        "train": len(gathered.train),
        "development": len(gathered.development),
        "sources": dict(Counter(found.source for found in gathered.train)),
    }


def readable(lists: Sequence[TrainingList], tokenizer: Path) -> list[TrainingList]:
    """The lists whose query is mostly made of words that the base knows: of the others the model that serves
    has no opinion, and three unknown tokens teach nothing."""
    known = Tokenizer.from_file(str(tokenizer))
    unknown = unknown_token(known)
    return [found for found in lists if not is_unreadable(known.encode(found.query), unknown)]


def without(lists: Sequence[TrainingList], queries: Sequence[str]) -> list[TrainingList]:
    """The lists whose query is none of these, spelling aside."""
    held = {query_key(query) for query in queries}
    return [found for found in lists if query_key(found.query) not in held]
