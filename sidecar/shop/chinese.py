"""Write about a product as sellers on Chinese marketplaces do: words in a row, the most wanted first."""

from random import Random
from typing import Any

from sidecar.shop.catalogue import Catalogue, ProductType
from sidecar.shop.made import Truth


def write_chinese(catalogue: Catalogue, random: Random, truth: Truth) -> dict[str, Any]:
    """The document's texts: title, description, bullet_points, brand, color, category."""
    entry = catalogue.types[truth.kind]
    department = catalogue.departments[catalogue.department_of[truth.kind]]
    color = catalogue.colors[truth.color].chinese
    return {
        "title": _title(catalogue, random, truth, entry),
        "description": _description(catalogue, random, truth, entry),
        "bullet_points": "\n".join(_bullets(catalogue, random, truth, entry)),
        "brand": "" if random.random() < 0.08 else truth.brand,
        "color": "" if random.random() < 0.2 else color,
        "category": [*department.path_zh, entry.leaf.chinese],
    }


def _title(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> str:
    values = [entry.axes[axis][value].chinese for axis, value in truth.values.items()]
    told = [words for words in values if random.random() < 0.85]
    name = entry.names.chinese
    use = entry.uses[random.choice(truth.uses)].chinese
    color = catalogue.colors[truth.color].chinese if random.random() < 0.65 else ""
    if entry.fits is not None:
        target = catalogue.types[entry.fits].names.chinese
        name = random.choice((f"{target}{name}", f"{name} 适用{target}", f"{target}配件 {name}"))
    front = told[0] if told else ""
    shape = random.random()
    if shape < 0.5:
        parts = [f"{truth.brand}{truth.model}{front}{name}", *told[1:], use, color]
    elif shape < 0.8:
        parts = [truth.brand, f"{front}{name}", f"{use}专用", *told[1:], color]
    else:
        praise = random.choice(entry.praise).chinese
        parts = [f"{color}{front}{name}", *told[1:], f"{use}{entry.leaf.chinese}", praise]
    return " ".join(part for part in parts if part)


def _bullets(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> list[str]:
    bullets = [praise.chinese for praise in entry.praise]
    bullets += [
        entry.axes[axis][value].chinese for axis, value in truth.values.items() if random.random() < 0.75
    ]
    bullets += [f"适合{entry.uses[use].chinese}" for use in truth.uses]
    others = [*entry.near, *catalogue.accessories_of(truth.kind)]
    if others and random.random() < 0.3:
        bullets.append(f"可搭配{catalogue.types[random.choice(others)].names.chinese}使用")
    random.shuffle(bullets)
    return bullets[: random.randint(2, 6)]


def _description(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> str:
    if random.random() < 0.3:
        return ""
    praise = "，".join(words.chinese for words in entry.praise)
    text = f"{truth.brand}{truth.model}{entry.names.chinese}，{praise}。"
    if random.random() < 0.3:
        text += f"另有{'、'.join(catalogue.colors[color].chinese for color in entry.colors)}可选。"
    return text
