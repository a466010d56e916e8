"""Ask the shop as shoppers do, and judge the products for each query."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from sidecar.shop.catalogue import Catalogue, Forms
from sidecar.shop.english import BEHIND_THE_NAME, swap_letters
from sidecar.shop.judging import Wish, label
from sidecar.shop.made import CHINESE, ENGLISH, Made, Truth

# How many queries of each sort, in English and in Chinese.
PLAN: dict[str, tuple[int, int]] = {
    "head": (6, 3),
    "synonym": (10, 0),
    "color": (7, 4),
    "attribute": (7, 4),
    "detailed": (6, 3),
    "brand": (4, 1),
    "use": (4, 2),
    "accessory": (6, 2),
    "misspelt": (3, 0),
}
FEWEST_EXACT = 2
TRIES = 2000
JUDGED_IRRELEVANT_NEARBY = 12
JUDGED_IRRELEVANT_ELSEWHERE = 6


@dataclass(frozen=True)
class Query:
    """A query: the words, the sort of query it is, what is meant, and label by product id."""

    text: str
    sort: str
    wish: Wish
    labels: dict[str, str]


def make_queries(catalogue: Catalogue, random: Random, products: Sequence[Made]) -> list[Query]:
    """Queries of every sort in the plan, each about another kind of product, as long as there are kinds.

    A query starts from a product that is there, so that something exact can be found. Of small shops,
    sorts may remain short.
    """
    queries: list[Query] = []
    for sort, counts in PLAN.items():
        for locale, count in zip((ENGLISH, CHINESE), counts, strict=True):
            anchors = [made.truth for made in products if made.truth.locale == locale]
            queries.extend(_of_sort(catalogue, random, products, anchors, sort, count, queries))
    return queries


def _of_sort(
    catalogue: Catalogue,
    random: Random,
    products: Sequence[Made],
    anchors: Sequence[Truth],
    sort: str,
    count: int,
    earlier: Sequence[Query],
) -> Iterator[Query]:
    used = {(query.wish.kind, query.wish.locale) for query in earlier}
    texts = {query.text for query in earlier}
    made = 0
    for _ in range(TRIES if anchors else 0):
        if made == count:
            return
        truth = random.choice(anchors)
        found = SORTS[sort](catalogue, random, truth)
        if found is None or (truth.kind, truth.locale) in used:
            continue
        wish, text = found
        labels = _judge(catalogue, random, products, wish)
        if text in texts or list(labels.values()).count("E") < FEWEST_EXACT:
            continue
        used.add((truth.kind, truth.locale))
        texts.add(text)
        made += 1
        yield Query(text, sort, wish, labels)


def _judge(catalogue: Catalogue, random: Random, products: Sequence[Made], wish: Wish) -> dict[str, str]:
    """Every product that is not irrelevant, and some that are: from the same department and from others."""
    labels = {made.id: label(catalogue, wish, made.truth) for made in products}
    department = catalogue.department_of[wish.kind]
    irrelevant = [made for made in products if labels[made.id] == "I" and made.truth.locale == wish.locale]
    nearby = [made.id for made in irrelevant if catalogue.department_of[made.truth.kind] == department]
    elsewhere = [made.id for made in irrelevant if catalogue.department_of[made.truth.kind] != department]
    sampled = {
        *random.sample(nearby, min(JUDGED_IRRELEVANT_NEARBY, len(nearby))),
        *random.sample(elsewhere, min(JUDGED_IRRELEVANT_ELSEWHERE, len(elsewhere))),
    }
    return {product: found for product, found in labels.items() if found != "I" or product in sampled}


Asked = tuple[Wish, str] | None


def _name(catalogue: Catalogue, truth: Truth, *, common: bool = True, random: Random | None = None) -> str:
    forms = catalogue.types[truth.kind].names
    if truth.locale == CHINESE:
        return forms.chinese
    if common or random is None or len(forms.english) == 1:
        return forms.english[0]
    return random.choice(forms.english[1:])


def _word(random: Random, forms: Forms, truth: Truth) -> str:
    return forms.chinese if truth.locale == CHINESE else random.choice(forms.english)


def _phrase(truth: Truth, name: str, *words: str) -> str:
    """The words before the name, as one says it; `for men` and the like stand behind."""
    if truth.locale == CHINESE:
        return "".join((*words, name))
    before = [word for word in words if not word.startswith(BEHIND_THE_NAME)]
    behind = [word for word in words if word.startswith(BEHIND_THE_NAME)]
    return " ".join((*before, name, *behind)).lower()


def _wish(truth: Truth) -> Wish:
    return Wish(truth.kind, truth.locale)


def _head(catalogue: Catalogue, _random: Random, truth: Truth) -> Asked:
    if catalogue.types[truth.kind].fits:
        return None
    return _wish(truth), _phrase(truth, _name(catalogue, truth))


def _accessory(catalogue: Catalogue, _random: Random, truth: Truth) -> Asked:
    if not catalogue.types[truth.kind].fits:
        return None
    return _wish(truth), _phrase(truth, _name(catalogue, truth))


def _synonym(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    entry = catalogue.types[truth.kind]
    if entry.fits or len(entry.names.english) < 2:
        return None
    return _wish(truth), _phrase(truth, _name(catalogue, truth, common=False, random=random))


def _color(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    if len(catalogue.types[truth.kind].colors) < 3:
        return None
    word = _word(random, catalogue.colors[truth.color], truth)
    name = _name(catalogue, truth, common=random.random() < 0.6, random=random)
    return replace(_wish(truth), color=truth.color), _phrase(truth, name, word)


def _attribute(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    if not truth.values:
        return None
    axis = random.choice(list(truth.values))
    word = _word(random, catalogue.types[truth.kind].axes[axis][truth.values[axis]], truth)
    wish = replace(_wish(truth), values={axis: truth.values[axis]})
    return wish, _phrase(truth, _name(catalogue, truth), word)


def _detailed(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    """Two things that matter: the long tail."""
    asked = _attribute(catalogue, random, truth)
    if asked is None or len(catalogue.types[truth.kind].colors) < 3:
        return None
    wish, text = asked
    color = _word(random, catalogue.colors[truth.color], truth)
    joined = f"{color}{text}" if truth.locale == CHINESE else f"{color} {text}"
    return replace(wish, color=truth.color), joined


def _brand(catalogue: Catalogue, _random: Random, truth: Truth) -> Asked:
    wish = replace(_wish(truth), brand=truth.brand)
    return wish, _phrase(truth, _name(catalogue, truth), truth.brand)


def _use(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    use = random.choice(truth.uses)
    word = catalogue.types[truth.kind].uses[use]
    wish = replace(_wish(truth), use=use)
    name = _name(catalogue, truth, common=random.random() < 0.6, random=random)
    if truth.locale == CHINESE:
        return wish, f"{word.chinese}{name}"
    return wish, f"{name} for {word.english[0]}".lower()


def _misspelt(catalogue: Catalogue, random: Random, truth: Truth) -> Asked:
    asked = _attribute(catalogue, random, truth)
    if asked is None:
        return None
    wish, text = asked
    long_words = [place for place, word in enumerate(text.split()) if len(word) > 6 and word.isalpha()]
    if len(text.split()) < 2 or not long_words:
        return None
    misspelt = swap_letters(random, text, random.choice(long_words))
    return None if misspelt == text else (wish, misspelt)


SORTS: dict[str, Callable[[Catalogue, Random, Truth], Asked]] = {
    "head": _head,
    "synonym": _synonym,
    "color": _color,
    "attribute": _attribute,
    "detailed": _detailed,
    "brand": _brand,
    "use": _use,
    "accessory": _accessory,
    "misspelt": _misspelt,
}
