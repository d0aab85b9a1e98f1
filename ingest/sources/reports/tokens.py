"""Every number in a text, in digits or in words, with its value: nothing is decided here."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

Shape = Literal[
    "money",
    "percent",
    "count",
    "year",
    "years",
    "fraction",
    "duration",
    "ordinal",
    "part_of_year",
    "universal",
    "single",
    "quantity_word",
    "code",
    "address",
]

ONES = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
TENS = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
MAGNITUDES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
    "k": 1_000,
    "m": 1_000_000,
    "bn": 1_000_000_000,
    "": 1,
}
PARTS = {"half": 2, "halve": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3}){2,}(?!\d)|\d+)(?:\.\d+)?"
_NUMBER = rf"(?<![\w.,/]){_DIGITS}"
_ENDS = r"(?![\w/]|[.,]\d)"
_LONG = r" ?(?:hundred|thousand|million|billion)\b"
_SHORT = r"(?:k|m|bn)\b"
_WORD = r"(?:" + "|".join([*TENS, *ONES]) + r")"
_CARDINAL = (
    rf"(?<![\w]){_WORD}(?:[ -](?:{'|'.join(ONES)})\b)?(?: (?:hundred|thousand|million|billion))*\b"
)
_UNIT = r"(?:(?:working |calendar )?days?|weeks?|months?|years?)"
_AFTER_PART = (
    r"(?= of\b|[.,;:)]| \(|$| (?:by|in|during|more|fewer|less|are|is|were|was|have|had|use|used|"
    r"now|to|and|on|since|through|for|at|with|after|before|across|against|compared|within)\b)"
)

_RULES = {
    "address": r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.[^\s@]+",
    "years": r"(?<![\w/])(?:19|20)\d\d(?:/|-)(?:(?:19|20)\d\d|\d\d)\b",
    "slashed": r"(?<![\w/])\d{1,2}/\d{1,2}(?:/\d{2,4})?\b",
    # `12 345` and `1'234`: one number or two? `1 234 567` can only be one.
    "parted": (
        r"[£$€]?(?<![\w.,/'])\d{1,3} \d{3}(?![\d,]| \d{3}\b)(?:\.\d+)?"
        r"|[£$€]?(?<![\w.,/'])\d{1,3}(?:'\d{3})+(?!\d)"
    ),
    "money": (
        rf"(?:[£$€]|(?<![\w)])\?|\bGBP)\s?{_DIGITS}(?:{_LONG}|{_SHORT})?(?![\w]|[.,]\d)"
        rf"|{_NUMBER}(?:{_LONG})? pounds\b"
    ),
    "percent": (
        rf"{_NUMBER} ?(?:%|per ?cent\b|percentage points?\b|pp\b)"
        rf"|{_CARDINAL} per ?cent\b"
    ),
    "ordinal_digits": r"(?<![\w.,])\d+(?:st|nd|rd|th)\b",
    "duration": rf"(?:{_NUMBER}|{_CARDINAL})[ -]{_UNIT}\b",
    "one_in": (
        rf"(?<![\w])(?:{_WORD}|\d{{1,2}}) (?:in|out of) (?:every )?"
        rf"(?:{_WORD}\b|\d{{1,2}}(?![\d%]|[.,]\d| (?:{_UNIT}|percent)\b))"
    ),
    "count": rf"{_NUMBER}(?:{_LONG}|{_SHORT})?{_ENDS}",
    "half_magnitude": (
        r"(?<![\w])(?:half|(?:a |three[ -])?quarters? of) an? "
        r"(?:million|billion|thousand|hundred|dozen)\b"
    ),
    "part_of_year": (
        r"(?<![\w])(?:half|quarter)(?= of (?:the )?(?:calendar |financial )?"
        r"(?:year|(?:19|20)\d\d)\b)"
        r"|(?<=\blast )quarter\b|(?<=\bnext )quarter\b|(?<=\bthis )quarter\b"
        r"|(?<=\beach )quarter\b|(?<=\bper )quarter\b|(?<=\bthird )quarter\b"
        r"|(?<=\bfourth )quarter\b|(?<=\bfirst )(?:half|quarter)\b"
        r"|(?<=\bsecond )(?:half|quarter)\b"
    ),
    "fraction": (
        r"(?<![\w])(?:(?:an?|one|two|three|four|\d)[ -])?(?:half|halves)\b"
        r"|(?<![\w])(?:an?|one|two|three|four)[ -](?:third|quarter|fifth|tenth)s?\b"
        rf"{_AFTER_PART}"
    ),
    "code": (
        r"(?<![\w#])#?[A-Za-z_][A-Za-z_-]*\d[\w-]*|(?<![\w.,])\d+[A-Za-z_][\w-]*"
        r"|(?<![\w])\d+(?:\.\d+){2,}|\d+(?:[.,/:]\d+)*"
    ),
    "cardinal": _CARDINAL,
    "dozen": r"(?<![\w])dozen\b",
    "ordinal": rf"(?<![\w])(?:{'|'.join(ORDINALS)})\b",
    "quarter_word": r"(?<![\w])quarters?\b",
    "universal": r"(?<![\w])(?:all|every)\b",
    "single": r"(?<![\w])single\b",
    "quantity_word": (
        r"(?<![\w])(?:handful|majority|minority|dozens|hundreds|thousands|millions"
        r"|tens of thousands)\b"
    ),
}
_FIRST_WORDS = "|".join(
    (
        *(_WORD, *ORDINALS),
        r"an? (?:half|third|quarter|fifth|tenth)|half|halves|quarters?|all|every|single|handful",
        r"majority|minority|dozens?|hundreds|thousands|millions|tens|GBP|https?:|www\.",
    )
)
_BEGINS = rf"(?=[\d£$€?])|(?<!\w)(?=#?[a-z_-]{{0,60}}\d|{_FIRST_WORDS})|(?<!\S)(?=[^\s@]+@)"
PATTERN = re.compile(
    f"(?:{_BEGINS})(?:" + "|".join(f"(?P<{name}>{rule})" for name, rule in _RULES.items()) + ")",
    re.I,
)
"""Read from left to right: the first rule that fits takes its characters. None fits but where
one of them may begin, which is asked first, because it is quickly told."""


@dataclass(frozen=True)
class Token:
    """A number where it is. `value` is as a ratio, in pounds or a count; `resolution` is
    one unit of its last digit as printed."""

    start: int
    end: int
    text: str
    shape: Shape
    value: Decimal | None = None
    resolution: Decimal | None = None
    unit: str | None = None


def tokens_of(folded: str) -> list[Token]:
    """Every number of a text (straight quotes, simple dashes), in order, without overlaps."""
    found = [_token(match) for match in PATTERN.finditer(folded)]
    return _with_shared_units(folded, found)


def _token(match: re.Match[str]) -> Token:
    name, text = match.lastgroup or "", match.group()
    start, end = match.span()
    if name in ("address", "part_of_year", "universal", "single", "quantity_word", "code", "years"):
        return Token(start, end, text, name)  # type: ignore[arg-type]
    if name in ("slashed", "parted"):
        return Token(start, end, text, "code")
    if name in ("ordinal", "ordinal_digits"):
        return Token(start, end, text, "ordinal")
    if name == "quarter_word":
        return Token(start, end, text, "part_of_year")
    if name == "dozen":
        return Token(start, end, text, "count", Decimal(12), Decimal(1), "count")
    if name == "half_magnitude":
        magnitude = text.casefold().split()[-1]
        whole = Decimal(12) if magnitude == "dozen" else Decimal(MAGNITUDES[magnitude])
        part = re.split(r" of an? | an? ", text.casefold())[0]
        value = whole * _fraction(part)
        return Token(start, end, text, "count", value, None, "count")
    if name == "fraction":
        return Token(start, end, text, "fraction", _fraction(text), None, "ratio")
    if name == "one_in":
        above, below = re.split(r" (?:in|out of)(?: every)? ", text, flags=re.I)
        value = _bare_number(above) / _bare_number(below)
        return Token(start, end, text, "fraction", value, None, "ratio")
    if name == "duration":
        amount, unit = re.split(r"[ -](?=(?:working |calendar )?[A-Za-z]+$)", text, maxsplit=1)
        singular = unit.casefold().split()[-1].rstrip("s")
        return Token(start, end, text, "duration", _bare_number(amount), Decimal(1), singular)
    return _measured(name, Token(start, end, text, "count"))


def _measured(name: str, token: Token) -> Token:
    """Money, percentages and counts: digits or words, with a magnitude."""
    text = token.text.casefold()
    if name == "cardinal":
        return replace(token, value=_cardinal(text), resolution=Decimal(1), unit="count")
    if name == "percent" and not text[0].isdigit():
        value = _cardinal(re.sub(r" per ?cent$", "", text)) / 100
        resolution = Decimal("0.01")
        return replace(token, shape="percent", value=value, resolution=resolution, unit="ratio")
    digits = re.search(_DIGITS, text)
    assert digits is not None  # every pattern that leads here holds digits
    number = Decimal(re.sub(r"[, ]", "", digits.group()))
    step = Decimal(1).scaleb(_exponent(number))
    if name == "percent":
        if "point" in text or text.endswith("pp"):
            unit = "percentage_point"
            return replace(token, shape="percent", value=number, resolution=step, unit=unit)
        return replace(
            token, shape="percent", value=number / 100, resolution=step / 100, unit="ratio"
        )
    magnitude = Decimal(MAGNITUDES[text[digits.end() :].removesuffix(" pounds").strip()])
    if name == "money":
        currency = {"$": "USD", "€": "EUR"}.get(text[0], "GBP")  # a lost pound sign included
        return replace(
            token,
            shape="money",
            value=number * magnitude,
            resolution=step * magnitude,
            unit=currency,
        )
    is_year = re.fullmatch(r"(?:19|20)\d\d", text) is not None
    return replace(
        token,
        shape="year" if is_year else "count",
        value=number * magnitude,
        resolution=step * magnitude,
        unit="count",
    )


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _bare_number(text: str) -> Decimal:
    return Decimal(re.sub(r"[, ]", "", text)) if text[0].isdigit() else _cardinal(text.casefold())


def _cardinal(text: str) -> Decimal:
    """The value of `twenty-five`, `two hundred` or `two million`."""
    value = 0
    for word in re.split(r"[ -]", text.casefold()):
        if word in MAGNITUDES:
            value = max(value, 1) * MAGNITUDES[word]
        else:
            value += TENS.get(word, 0) or ONES.get(word, 0)
    return Decimal(value)


def _fraction(text: str) -> Decimal:
    *above, part = re.split(r"[ -]", text.casefold())
    below = PARTS[part.rstrip("s") if part != "halves" else "half"]
    word = above[0] if above else "one"
    count = int(word) if word.isdigit() else ONES.get(word, 1)
    return Decimal(count) / Decimal(below)


def _with_shared_units(folded: str, tokens: list[Token]) -> list[Token]:
    """`between 1.7 and 1.8 billion`, `20 to 30%`: the first takes what only the second says."""
    shared = list(tokens)
    for index in range(len(tokens) - 1):
        first, second = shared[index], shared[index + 1]
        between = folded[first.end : second.start]
        before = folded[: first.start]
        is_range = re.fullmatch(r" ?- ?", between) or (
            re.fullmatch(r" (?:and|to) ", between)
            and (re.search(r"\b(?:between|from) $", before, re.I) or between == " to ")
        )
        if not is_range or first.value is None or second.value is None:
            continue
        if first.shape == "count" and second.shape == "percent" and first.value <= 100:
            assert first.resolution is not None  # a count in digits has one
            shared[index] = replace(
                first,
                shape="percent",
                value=first.value / 100,
                resolution=first.resolution / 100,
                unit="ratio",
            )
        elif first.shape == second.shape and first.shape in ("money", "count"):
            shared[index] = _with_magnitude(first, second)
    return shared


def _with_magnitude(first: Token, second: Token) -> Token:
    word = re.search(r"[a-z]+$", second.text.casefold())
    if word is None or word.group() not in MAGNITUDES or first.text[-1:].isalpha():
        return first
    assert first.value is not None
    assert first.resolution is not None
    times = MAGNITUDES[word.group()]
    return replace(first, value=first.value * times, resolution=first.resolution * times)
