"""What a client is told of a page that no rule is about."""

from dataclasses import replace

from sidecar.config.profile import Profile
from sidecar.domain.search import Search
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.ranking.layout.page.page_layout import page_layout
from sidecar.ranking.standing import Arranged, Standing


def told_without_rules(search: Search, profile: Profile, standing: Standing) -> Standing:
    """The same order; structured data describes its hits whether rules hold or not. The standing as it was
    where the client asked for nothing."""
    wish = search.layout
    if not (wish.structured_data or wish.metadata) or not standing.candidates:
        return standing
    told = page_layout(search, profile, PageFacts(standing.candidates, standing.candidates))
    if told.layout is None:
        return standing
    return replace(standing, arranged=Arranged(layout=told.layout))
