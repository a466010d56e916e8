"""Invent products: a model in several colours or sizes, now and then listed again by another seller."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from sidecar.shop.catalogue import Catalogue, ProductType
from sidecar.shop.made import CHINESE, ENGLISH, Truth

CHINESE_SHARE = 0.2
LISTED_AGAIN = 0.07
ATTRIBUTE_KNOWN = 0.88
ACCESSORY_WEIGHT = 0.8

ONSETS = ("Al", "Bre", "Cal", "Dor", "El", "Fen", "Gal", "Hav", "Is", "Jor", "Kel", "Lum", "Mar", "Nor", "Or")
ENDINGS = ("a", "aro", "den", "eon", "ia", "ino", "is", "on", "ora", "una", "via", "wick", "ya", "zo")
CHINESE_MODELS = ("轻享", "云感", "匠心", "畅行", "悦己", "星辰", "经典", "优选")


def invent(catalogue: Catalogue, random: Random, count: int) -> list[Truth]:
    """`count` products, in no order that tells anything."""
    kinds = list(catalogue.types)
    weights = [ACCESSORY_WEIGHT if catalogue.types[kind].fits else 1.0 for kind in kinds]
    # Every kind once, so that no query is about nothing; then by chance, as shops grow.
    order = random.sample(kinds, len(kinds))
    truths: list[Truth] = []
    while len(truths) < count:
        kind = order.pop() if order else random.choices(kinds, weights)[0]
        truths.extend(_family(catalogue, random, kind))
    truths = truths[:count]
    random.shuffle(truths)
    return truths


def _family(catalogue: Catalogue, random: Random, kind: str) -> Iterator[Truth]:
    """One model and its variants; each variant differs from the model in colour or in one attribute."""
    entry = catalogue.types[kind]
    model = _model(catalogue, random, kind)
    variants = [model, *_variants(random, entry, model)]
    for variant in variants:
        yield variant
        if random.random() < LISTED_AGAIN:
            yield replace(variant, price=_round(variant.price * random.uniform(0.9, 1.15)))


def _model(catalogue: Catalogue, random: Random, kind: str) -> Truth:
    entry = catalogue.types[kind]
    department = catalogue.departments[catalogue.department_of[kind]]
    chinese = random.random() < CHINESE_SHARE
    values = {
        axis: random.choice(list(values))
        for axis, values in entry.axes.items()
        if random.random() < ATTRIBUTE_KNOWN
    }
    low, high = entry.price
    # Cheap products are many, dear ones few.
    price = low * (high / low) ** random.betavariate(1.6, 2.6)
    return Truth(
        kind=kind,
        locale=CHINESE if chinese else ENGLISH,
        brand=random.choice(department.brands_zh if chinese else department.brands),
        model=_model_name(random, chinese),
        color=random.choice(entry.colors),
        values=values,
        uses=tuple(random.sample(list(entry.uses), k=min(len(entry.uses), random.choice((1, 1, 2))))),
        price=_round(price),
    )


def _variants(random: Random, entry: ProductType, model: Truth) -> Iterator[Truth]:
    count = random.choice((0, 0, 0, 1, 1, 2, 3))
    if random.random() < 0.7 or not model.values:
        others = [color for color in entry.colors if color != model.color]
        for color in random.sample(others, min(count, len(others))):
            yield replace(model, color=color)
        return
    axis = random.choice(list(model.values))
    rest = [value for value in entry.axes[axis] if value != model.values[axis]]
    for value in random.sample(rest, min(count, len(rest))):
        price = _round(model.price * random.uniform(0.85, 1.25))
        yield replace(model, values={**model.values, axis: value}, price=price)


def _model_name(random: Random, chinese: bool) -> str:
    if chinese:
        return random.choice(CHINESE_MODELS)
    name = random.choice(ONSETS) + random.choice(ENDINGS)
    tail = random.choice(("", "", "", " 2", " Pro", " Lite", f" {random.randint(1, 9)}00"))
    return name + tail


def _round(price: float) -> float:
    """As shops write prices: 24.99, or 249 when dear."""
    return round(max(price, 1.0)) - 0.01 if price < 100 else float(round(price))
