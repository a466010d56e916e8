"""Write about a product as English-speaking sellers do: helpful, repetitive, careless, sometimes wrong."""

from random import Random
from typing import Any

from sidecar.shop.catalogue import Catalogue, Forms, ProductType
from sidecar.shop.made import Truth

SMALL_WORDS = {
    "a",
    "and",
    "at",
    "for",
    "from",
    "in",
    "of",
    "on",
    "or",
    "to",
    "with",
    "without",
    "mm",
    "cm",
    "kg",
}
BEHIND_THE_NAME = ("for ", "with ", "up to ", "ages ")


def write_english(catalogue: Catalogue, random: Random, truth: Truth) -> dict[str, Any]:
    """The document's texts: title, description, bullet_points, brand, color, category."""
    entry = catalogue.types[truth.kind]
    department = catalogue.departments[catalogue.department_of[truth.kind]]
    return {
        "title": _careless(random, _title(catalogue, random, truth, entry)),
        "description": _description(catalogue, random, truth, entry),
        "bullet_points": "\n".join(_bullets(catalogue, random, truth, entry)),
        "brand": "" if random.random() < 0.08 else truth.brand,
        "color": _color_field(catalogue, random, truth),
        "category": [*department.path, entry.leaf.english[0]],
    }


def _title(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> str:
    name = _likely_first(random, entry.names)
    known = [random.choice(entry.axes[axis][value].english) for axis, value in truth.values.items()]
    told = [words for words in known if random.random() < 0.8]
    before = " ".join(words for words in told if not words.startswith(BEHIND_THE_NAME))
    behind = " ".join(words for words in told if words.startswith(BEHIND_THE_NAME))
    what = " ".join(part for part in (before, name, behind) if part)
    color = random.choice(catalogue.colors[truth.color].english) if random.random() < 0.65 else ""
    use = entry.uses[random.choice(truth.uses)].english[0]
    if entry.fits is not None:
        return _accessory_title(catalogue, random, truth, entry, what, color)
    shape = random.random()
    if shape < 0.35:
        parts = [f"{truth.brand} {truth.model} {what}", f"for {use}" if random.random() < 0.5 else "", color]
    elif shape < 0.6:
        parts = [f"{truth.brand} {what} for {use}", color]
    elif shape < 0.75:
        parts = [f"{truth.brand} {truth.model}", what if random.random() < 0.7 else name]
    else:
        # Stuffed with words that shoppers might type; the brand is only in its own field.
        others = [other for other in entry.names.english if other != name]
        praise = random.choice(entry.praise).english[0]
        extra = random.choice(others) if others else entry.leaf.english[0]
        parts = [what, f"{extra} for {use}", praise, color]
    joined = random.choice((", ", " - ", ", ")).join(part for part in parts if part)
    return _title_case(joined)


def _accessory_title(
    catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType, what: str, color: str
) -> str:
    """Accessories are found by the words of what they belong to, and their sellers know it."""
    target = catalogue.types[str(entry.fits)]
    department = catalogue.departments[catalogue.department_of[str(entry.fits)]]
    belongs = _likely_first(random, target.names)
    if random.random() < 0.4:
        others = ", ".join(target.names.english)
        parts = [what, f"compatible with {random.choice(department.brands)} {others}", color]
    elif random.random() < 0.5:
        parts = [f"{truth.brand} {what}", f"for {belongs}", f"{belongs} accessories", color]
    else:
        parts = [f"{truth.brand} {truth.model} {what} for {belongs}", color]
    return _title_case(", ".join(part for part in parts if part))


def _bullets(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> list[str]:
    bullets = [_sentence(praise.english[0]) for praise in entry.praise]
    for axis, value in truth.values.items():
        if random.random() < 0.75:
            bullets.append(f"{axis.capitalize()}: {random.choice(entry.axes[axis][value].english)}")
    bullets += [f"Made for {entry.uses[use].english[0]}" for use in truth.uses]
    if random.random() < 0.35:
        bullets.append(f"Colour: {catalogue.colors[truth.color].english[0]}")
    others = [*entry.near, *catalogue.accessories_of(truth.kind)]
    if others and random.random() < 0.3:
        other = catalogue.types[random.choice(others)].names.english[0]
        bullets.append(
            random.choice(("Goes well with our {}", "{} sold separately", "Not a {}")).format(other)
        )
    random.shuffle(bullets)
    return bullets[: random.randint(2, 6)]


def _description(catalogue: Catalogue, random: Random, truth: Truth, entry: ProductType) -> str:
    if random.random() < 0.3:
        return ""
    name = _likely_first(random, entry.names)
    praise = [_sentence(words.english[0]) for words in entry.praise]
    sentences = [f"The {truth.model} by {truth.brand} is a {name} you will like using.", *praise]
    if random.random() < 0.3:
        colors = [catalogue.colors[color].english[0] for color in entry.colors]
        sentences.append(f"Available in {', '.join(colors)}.")
    if random.random() < 0.25:
        department = catalogue.departments[catalogue.department_of[truth.kind]]
        shelf = random.sample(list(department.types), k=min(3, len(department.types)))
        sentences.append(
            f"See also our {', '.join(catalogue.types[kind].names.english[0] for kind in shelf)}."
        )
    sentences.append(random.choice(("Thirty days to change your mind.", "Ships in plain packaging.", "")))
    text = " ".join(
        sentence if sentence.endswith(".") else f"{sentence}." for sentence in sentences if sentence
    )
    return f"<p>{text}</p><br>" if random.random() < 0.05 else text


def _color_field(catalogue: Catalogue, random: Random, truth: Truth) -> str:
    chance = random.random()
    if chance < 0.2:
        return ""
    word = random.choice(catalogue.colors[truth.color].english).title()
    return f"{word}-{random.randint(1, 9):02d}" if chance < 0.25 else word


def _likely_first(random: Random, forms: Forms) -> str:
    """One of the words, the most common one in half of the cases."""
    return forms.english[0] if random.random() < 0.5 else random.choice(forms.english)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _title_case(text: str) -> str:
    return " ".join(word if word in SMALL_WORDS else word[:1].upper() + word[1:] for word in text.split())


def _careless(random: Random, title: str) -> str:
    """A few titles are shouted, and a few have a typing error."""
    chance = random.random()
    if chance < 0.03:
        return title.upper()
    words = [place for place, word in enumerate(title.split()) if len(word) > 5 and word.isalpha()]
    if chance > 0.97 and words:
        return swap_letters(random, title, random.choice(words))
    return title


def swap_letters(random: Random, text: str, place: int) -> str:
    """Two neighbouring letters inside one word change places."""
    words = text.split()
    letters = list(words[place])
    at = random.randrange(1, len(letters) - 2)
    letters[at], letters[at + 1] = letters[at + 1], letters[at]
    words[place] = "".join(letters)
    return " ".join(words)
