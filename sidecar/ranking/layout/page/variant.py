"""Which of a page's variants a search gets."""

from sidecar.domain.search import Context
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.rules.language.telling import PageLayout


def chosen(facts: PageFacts, context: Context) -> tuple[str, PageLayout | None]:
    """The variant's name, "" where there is none, and the page as it is built.

    The arm that the client names wins; otherwise a shopper gets a variant by the shares, the same each time.
    Crawlers and shoppers of whom nothing is known get the first by name: one page for all of them. What a
    variant does not say, the page around it does.
    """
    page = facts.page
    if page is None or not page.variants:
        return "", page
    names = sorted(page.variants)
    name = names[0]
    arm = context.experiments.get(page.experiment, "") if page.experiment else ""
    if context.crawler:
        pass
    elif arm in page.variants:
        name = arm
    elif facts.chance is not None:
        name = _drawn(names, page, facts.chance(f"page {facts.page_rule}"))
    variant = page.variants[name]
    return name, PageLayout.model_construct(
        sections=variant.sections or page.sections, facets=variant.facets or page.facets
    )


def _drawn(names: list[str], page: PageLayout, chance: float) -> str:
    shares = [page.shares.get(name, 0.0) if page.shares else 1.0 for name in names]
    mark = chance * sum(shares)
    for name, share in zip(names, shares, strict=True):
        if mark < share:
            return name
        mark -= share
    # `chance` is below 1: only rounding comes here.
    return next(name for name, share in zip(reversed(names), reversed(shares), strict=True) if share > 0)
