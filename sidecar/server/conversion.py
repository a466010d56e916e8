"""The contract's messages and their JSON ↔ the domain, with the contract's limits: the one file for both.

`search_of` reads protobuf messages and the JSON twin's alike: both carry the contract's field names.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sidecar.config.profile import PROFILE_NAME
from sidecar.config.sidecar import Limits
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Layout, RankedHit, Ranking, Skip, SkipReason
from sidecar.domain.search import Consent, Context, LayoutWish, Page, Search, Shopper
from sidecar.ranking.layout.page.page_json import page_json
from sidecar.server import columns
from sidecar.server.check_text import check_of, text_of
from sidecar.server.columns import MAX_ID_BYTES, values_of
from sidecar.server.errors import BadRequest
from sidecar.server.filters import filters_of
from sidecar.server.text_limit import cut_to, within
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

MAX_SCORE = 3.4028234663852886e38
MAX_BUDGET_MS = 60_000
MAX_NAME_CHARACTERS = 128
MAX_LABEL_CHARACTERS = 64
MAX_LOCALE_CHARACTERS = 35
MAX_SEGMENTS = 32
MAX_EXPERIMENTS = 16

MAX_PAGE = 1_000_000
"""Hits before and on a page: far above what OpenSearch lets a client ask for."""

ANONYMOUS = Shopper()
NOWHERE = Context()
UNKNOWN_PAGE = Page()
NO_WISH = LayoutWish()


class SentFields(Mapping[str, FieldValues]):
    """A candidate's fields as they came. Nothing is unpacked until it is read, and most never is."""

    __slots__ = ("_candidate", "_unpacked")

    def __init__(self, candidate: Any) -> None:
        self._candidate = candidate
        self._unpacked: Any = None

    @property
    def _sent(self) -> Any:
        """The map of the message; asking a message for it makes a new object each time."""
        if self._unpacked is None:
            self._unpacked = self._candidate.fields
        return self._unpacked

    def __getitem__(self, name: str) -> FieldValues:
        # A protobuf map would make the entry instead of raising.
        if name not in self._sent:
            raise KeyError(name)
        return values_of(self._sent[name])

    def get(self, name: str, default: Any = None) -> Any:
        """One field's values: the way that the ranking reads."""
        value = self._sent.get(name)
        return default if value is None else values_of(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sent)

    def __len__(self) -> int:
        return len(self._sent)


class Contract:
    """Reads requests and writes answers, within the limits and budgets that were configured."""

    def __init__(self, limits: Limits, default_budget: float) -> None:
        """`default_budget` in seconds counts where the caller states no time."""
        self._limits = limits
        self._default_budget = default_budget

    def search_of(self, request: Any, *, size: int, time_left: float | None = None) -> Search:
        """The search that a request asks for.

        `size` is the request's size in bytes as it came; `time_left` the seconds of the caller's own
        deadline. Raises BadRequest naming the field and the limit.
        """
        skipped: list[Skip] = []
        query = request.query.text
        if len(query) > self._limits.query_characters:
            query = query[: self._limits.query_characters]
            skipped.append(Skip("request", SkipReason.TRUNCATED_QUERY))
        candidates = self._candidates_of(request, skipped, size)
        return Search(
            query=query,
            candidates=candidates,
            deadline=self._deadline_of(request.budget_ms, time_left),
            query_id=within(request.query.id, "query.id", MAX_NAME_CHARACTERS),
            index=request.query.index,
            profile=_profile_name(request.profile),
            shopper=_shopper_of(request.shopper),
            context=_context_of(request.context),
            explain=request.explain,
            skipped=skipped,
            strength=_strength_of(request),
            page=_page_of(request.page),
            layout=_layout_of(request.layout),
            filters=filters_of(request.query.filters),
        )

    def _deadline_of(self, budget_ms: int, time_left: float | None) -> Deadline:
        if budget_ms > MAX_BUDGET_MS:
            raise BadRequest("budget_ms", f"{budget_ms} is above the limit of {MAX_BUDGET_MS}")
        seconds = budget_ms / 1000 if budget_ms else math.inf
        if time_left is not None:
            seconds = min(seconds, time_left)
        return Deadline.after(seconds if seconds < math.inf else self._default_budget)

    def _candidates_of(self, request: Any, skipped: list[Skip], size: int) -> list[Candidate]:
        """The candidates in the order of their ranks."""
        if not _has_columns(request):
            return self._rows_of(request.candidates, skipped, size)
        if request.candidates:
            raise BadRequest("columns", "are given beside `candidates`; give one of the two")
        candidates, cut = columns.candidates_of(request.columns, self._limits, size)
        if cut:
            skipped.append(Skip("request", SkipReason.TRUNCATED_TEXT, cut))
        return candidates

    def _rows_of(self, sent: Sequence[Any], skipped: list[Skip], size: int) -> list[Candidate]:
        """The candidates that came one by one."""
        count = len(sent)
        if count > self._limits.candidates:
            raise BadRequest("candidates", f"{count} are above the limit of {self._limits.candidates}")
        max_fields, max_text = self._limits.fields, self._limits.text_kib * 1024
        cut = 0
        candidates = []
        for place, one in enumerate(sent):
            id_, score = one.id, one.score
            # 128 characters are never more than 512 bytes.
            if not id_ or (len(id_) > MAX_ID_BYTES // 4 and len(id_.encode()) > MAX_ID_BYTES):
                raise BadRequest(f"candidates[{place}].id", f"must be 1 to {MAX_ID_BYTES} bytes long")
            if not -MAX_SCORE <= score <= MAX_SCORE:  # also for NaN
                raise BadRequest(f"candidates[{place}].score", f"{score} is not a finite 32-bit number")
            if len(one.fields) > max_fields:
                raise BadRequest(
                    f"candidates[{place}].fields", f"{len(one.fields)} are above the limit of {max_fields}"
                )
            kept: Mapping[str, FieldValues] = SentFields(one)
            # A whole request below the limit of one candidate needs no look at each.
            if size > max_text:
                kept, was_cut = cut_to(kept, max_text)
                cut += was_cut
            candidates.append(Candidate(id_, one.rank, score, one.index, kept))
        if cut:
            skipped.append(Skip("request", SkipReason.TRUNCATED_TEXT, cut))
        return _by_rank(candidates)

    @staticmethod
    def answer_of(request: Any, ranking: Ranking) -> wire.RerankResponse:
        """The answer to a request as a message."""
        answer = wire.RerankResponse(
            versions=ranking.versions,
            query_id=ranking.query_id,
            reranked=ranking.reranked,
            took_us=round(ranking.took * 1_000_000),
        )
        if _wants_columns(request):
            # Present even where all was removed: that tells a caller that its columns were seen.
            answer.ranked.SetInParent()
            answer.ranked.ranks.extend(ranking.ranks)
            answer.ranked.scores.extend(ranking.scores)
        else:
            add_hit = answer.hits.add
            for hit in ranking.hits:
                added = add_hit(id=hit.id, rank=hit.rank, score=hit.score)
                for part in hit.contributions:
                    added.contributions.add(stage=part.stage, name=part.name, value=part.value)
                for touch in hit.touches:
                    added.rules.add(
                        rule=touch.rule, action=touch.action, outcome=touch.outcome, detail=touch.detail
                    )
        for report in ranking.stages:
            answer.stages.add(
                name=report.name,
                took_us=round(report.took * 1_000_000),
                candidates=report.candidates,
                figures=report.figures,
            )
        for skip in ranking.skipped:
            answer.skipped.add(stage=skip.stage, reason=skip.reason, candidates=skip.candidates)
        answer.removed.extend(ranking.removed)
        for document in ranking.fetched:
            answer.fetch.add(id=document.id, index=document.index, place=document.place, rule=document.rule)
        if ranking.check is not None:
            answer.check = text_of(ranking.check)
        if ranking.layout is not None:
            answer.layout.page = ranking.layout.json
            answer.layout.items.extend(ranking.layout.items)
            for section in ranking.layout.sections:
                answer.layout.sections.add(
                    told=page_json(section.told),
                    only=section.only,
                    flows=section.flows,
                    most=section.most,
                    first_page=section.first_page,
                )
        return answer

    @staticmethod
    def json_of(request: Any, ranking: Ranking) -> dict[str, Any]:
        """The answer in protobuf's JSON mapping with original names: 64-bit integers are strings."""
        in_columns = _wants_columns(request)
        ranked = {"ranked": {"ranks": list(ranking.ranks), "scores": list(ranking.scores)}}
        return {
            "hits": [] if in_columns else [_json_of_hit(hit) for hit in ranking.hits],
            **(ranked if in_columns else {}),
            "stages": [
                {
                    "name": report.name,
                    "took_us": str(round(report.took * 1_000_000)),
                    "candidates": report.candidates,
                    "figures": dict(report.figures),
                }
                for report in ranking.stages
            ],
            "skipped": [
                {"stage": skip.stage, "reason": skip.reason, "candidates": skip.candidates}
                for skip in ranking.skipped
            ],
            "versions": dict(ranking.versions),
            "query_id": ranking.query_id,
            "reranked": ranking.reranked,
            "took_us": str(round(ranking.took * 1_000_000)),
            "removed": list(ranking.removed),
            "fetch": [
                {
                    "id": document.id,
                    "index": document.index,
                    "place": document.place,
                    "rule": document.rule,
                }
                for document in ranking.fetched
            ],
            **({} if ranking.layout is None else {"layout": _json_of_layout(ranking.layout)}),
            "check": "" if ranking.check is None else text_of(ranking.check),
        }


def _has_columns(request: Any) -> bool:
    """Whether a request brings its candidates as columns."""
    return bool(request.columns.ids)


def _wants_columns(request: Any) -> bool:
    """Whether the answer is to be columns: contributions have no place in them."""
    return _has_columns(request) and not request.explain


def _json_of_hit(hit: RankedHit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "rank": hit.rank,
        "score": hit.score,
        "contributions": [
            {"stage": part.stage, "name": part.name, "value": part.value} for part in hit.contributions
        ],
        "rules": [
            {"rule": touch.rule, "action": touch.action, "outcome": touch.outcome, "detail": touch.detail}
            for touch in hit.touches
        ],
    }


def _json_of_layout(layout: Layout) -> dict[str, Any]:
    return {
        "page": layout.json,
        "items": list(layout.items),
        "sections": [
            {
                "told": page_json(section.told),
                "only": list(section.only),
                "flows": section.flows,
                **({} if section.most is None else {"most": section.most}),
                "first_page": section.first_page,
            }
            for section in layout.sections
        ],
    }


def _by_rank(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates best first. Ranks are all 0 (then the list's order counts) or unique and from 1."""
    ranks = list(map(attrgetter("rank"), candidates))
    if not any(ranks):
        for rank, candidate in enumerate(candidates, 1):
            candidate.rank = rank
        return candidates
    if 0 in ranks:
        raise BadRequest(f"candidates[{ranks.index(0)}].rank", "is 0 while others are not; give all or none")
    if len(set(ranks)) < len(ranks):
        place = next(place for place, rank in enumerate(ranks) if rank in ranks[:place])
        raise BadRequest(f"candidates[{place}].rank", f"{ranks[place]} is there twice; ranks are unique")
    in_order = sorted(ranks)
    return candidates if ranks == in_order else sorted(candidates, key=attrgetter("rank"))


def _label(text: str, field: str) -> str:
    """A name that has to say something."""
    if not text.strip():
        raise BadRequest(field, "is empty; leave it out instead")
    return within(text, field, MAX_LABEL_CHARACTERS)


def _profile_name(name: str) -> str:
    if name and not PROFILE_NAME.fullmatch(name):
        raise BadRequest("profile", "use a-z, 0-9, _ and -, at most 64 characters")
    return name


def _strength_of(request: Any) -> float | None:
    """How far the search may be personal: 0 is something else than nothing said."""
    said = not isinstance(request, wire.RerankRequest) or request.HasField("strength")
    strength: float | None = request.strength if said else None
    if strength is not None and not 0 <= strength <= 1:  # also for NaN
        raise BadRequest("strength", f"{strength} is not from 0 to 1")
    return strength


def _page_of(sent: Any) -> Page:
    start, size = sent.start, sent.size
    if not size:
        return UNKNOWN_PAGE
    if start > MAX_PAGE or size > MAX_PAGE:
        raise BadRequest("page", f"{start} and {size} are above the limit of {MAX_PAGE}")
    return Page(start, size)


def _layout_of(sent: Any) -> LayoutWish:
    removes, fetches = sent.removes, sent.fetches
    metadata, structured_data, sponsored = sent.metadata, sent.structured_data, sent.sponsored
    checks, check = sent.checks, sent.check
    if check and not removes:
        raise BadRequest("layout.check", "needs `layout.removes`: what is hidden is told as removed")
    if not (removes or fetches or metadata or structured_data or sponsored or checks):
        return NO_WISH
    return LayoutWish(
        removes, fetches, metadata, structured_data, sponsored, checks, check_of(check) if check else None
    )


def _shopper_of(sent: Any) -> Shopper:
    client, session, user, consent = sent.client_id, sent.session_id, sent.user_id, sent.consent
    segments = sent.segments
    if not (client or session or user or consent or segments):
        return ANONYMOUS
    return Shopper(
        within(client, "shopper.client_id", MAX_NAME_CHARACTERS),
        within(session, "shopper.session_id", MAX_NAME_CHARACTERS),
        within(user, "shopper.user_id", MAX_NAME_CHARACTERS),
        # A kind of consent that this version does not know is treated as none.
        Consent(consent) if consent in (0, 1, 2) else Consent.DENIED,
        _segments_of(segments) if segments else (),
    )


def _segments_of(sent: Sequence[str]) -> tuple[str, ...]:
    if len(sent) > MAX_SEGMENTS:
        raise BadRequest("shopper.segments", f"{len(sent)} are above the limit of {MAX_SEGMENTS}")
    return tuple(_label(name, f"shopper.segments[{place}]") for place, name in enumerate(sent))


def _context_of(sent: Any) -> Context:
    locale, device, channel, application = sent.locale, sent.device, sent.channel, sent.application
    time = _time_of(sent)
    crawler, experiments = sent.crawler, sent.experiments
    if not (locale or device or channel or application or time or crawler or experiments):
        return NOWHERE
    return Context(
        within(locale, "context.locale", MAX_LOCALE_CHARACTERS),
        within(device, "context.device", MAX_LABEL_CHARACTERS),
        within(channel, "context.channel", MAX_LABEL_CHARACTERS),
        within(application, "context.application", MAX_NAME_CHARACTERS),
        time,
        crawler,
        _experiments_of(experiments) if experiments else {},
    )


def _experiments_of(sent: Mapping[str, str]) -> dict[str, str]:
    if len(sent) > MAX_EXPERIMENTS:
        raise BadRequest("context.experiments", f"{len(sent)} are above the limit of {MAX_EXPERIMENTS}")
    # In the order of their names: protobuf gives a map in any order.
    return {
        _label(name, "context.experiments"): _label(sent[name], f"context.experiments.{name}")
        for name in sorted(sent)
    }


def _time_of(context: Any) -> datetime | None:
    """The time of a search: a datetime in the JSON twin, a Timestamp in protobuf."""
    if not isinstance(context, wire.Context):
        return context.time  # type: ignore[no-any-return]
    if not context.HasField("time"):
        return None
    sent = context.time
    try:
        # What `sent.ToDatetime(UTC)` gives, without its arithmetic in Python: every search has a time.
        return datetime.fromtimestamp(sent.seconds, UTC).replace(microsecond=sent.nanos // 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRequest("context.time", "is not a moment between the years 1 and 9999") from error
