"""The checks, each a function from what was crawled to findings."""

from collections.abc import Callable, Iterable, Sequence

from sidecar.seo.checks.available import unavailable_high_up
from sidecar.seo.checks.balance import over_represented
from sidecar.seo.checks.duplicates import duplicate_pages, duplicate_titles
from sidecar.seo.checks.fields import missing_fields
from sidecar.seo.checks.paging import paging_hints, seams
from sidecar.seo.checks.stability import unstable_order
from sidecar.seo.checks.thin import thin_pages
from sidecar.seo.checks.whole import not_whole
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop

Check = Callable[[Sequence[Crawled], Shop, Limits], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    unstable_order,
    seams,
    not_whole,
    thin_pages,
    duplicate_titles,
    duplicate_pages,
    over_represented,
    unavailable_high_up,
    missing_fields,
    paging_hints,
)
