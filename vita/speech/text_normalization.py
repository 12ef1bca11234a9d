"""Text normalisation for TTS: numbers, units, formulas and markdown as they are read aloud; code left out.

Pure, from text to text, English and Chinese (a clause is Chinese when it holds a Chinese character).
"""

from __future__ import annotations

import re

import cn2an
from num2words import num2words

_CHINESE = re.compile(r"[\u4e00-\u9fff]")

UNITS = {  # symbol: (English one, English many, Chinese)
    "km/h": ("kilometer per hour", "kilometers per hour", "公里每小时"),
    "m/s": ("meter per second", "meters per second", "米每秒"),
    "km": ("kilometer", "kilometers", "公里"),
    "cm": ("centimeter", "centimeters", "厘米"),
    "mm": ("millimeter", "millimeters", "毫米"),
    "kg": ("kilogram", "kilograms", "公斤"),
    "mg": ("milligram", "milligrams", "毫克"),
    "ms": ("millisecond", "milliseconds", "毫秒"),
    "GHz": ("gigahertz", "gigahertz", "吉赫"),
    "MHz": ("megahertz", "megahertz", "兆赫"),
    "kHz": ("kilohertz", "kilohertz", "千赫"),
    "Hz": ("hertz", "hertz", "赫兹"),
    "GB": ("gigabyte", "gigabytes", "吉字节"),
    "MB": ("megabyte", "megabytes", "兆字节"),
    "kW": ("kilowatt", "kilowatts", "千瓦"),
    "°C": ("degree Celsius", "degrees Celsius", "摄氏度"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit", "华氏度"),
    "°": ("degree", "degrees", "度"),
    "ft": ("foot", "feet", "英尺"),
    "mph": ("mile per hour", "miles per hour", "英里每小时"),
    "lbs": ("pound", "pounds", "磅"),
    "ml": ("milliliter", "milliliters", "毫升"),
    "m": ("meter", "meters", "米"),
    "g": ("gram", "grams", "克"),
    "L": ("liter", "liters", "升"),
    "%": ("percent", "percent", "%"),
}
CURRENCIES = {"$": ("dollar", "dollars", "美元"), "€": ("euro", "euros", "欧元"), "£": ("pound", "pounds", "英镑"),
              "¥": ("yuan", "yuan", "元")}  # fmt: skip
SIGNS = {  # sign: (English, Chinese)
    "≤": ("is at most", "小于等于"), "≥": ("is at least", "大于等于"), "≠": ("is not", "不等于"),
    "≈": ("is about", "约等于"), "=": ("equals", "等于"), "×": ("times", "乘"), "÷": ("divided by", "除以"),
    "+": ("plus", "加"), "π": ("pi", "派"), "√": ("the square root of", "根号"), "→": ("to", "到"),
    "&": ("and", "和"), "²": ("squared", "的平方"), "³": ("cubed", "的立方"),
}  # fmt: skip

# Patterns are ASCII where Chinese letters must not count as letters of a word.
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_MONEY = re.compile(rf"([$€£¥])\s?({_NUMBER})(?:\s?(million|billion|trillion)\b)?", re.A)
_QUANTITY = re.compile(rf"(?<![\w.])(-?)({_NUMBER})\s?({_UNIT})(?![A-Za-z0-9])", re.A)
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b", re.A)
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b", re.A)
_RANGE = re.compile(r"(?<=\d)\s?[–—](?=\d)|(?<=\d)-(?=\d)", re.A)
_YEAR = re.compile(r"\b(?:(?<=in )|(?<=since )|(?<=year )|(?<=of ))(1[1-9]\d\d|20\d\d)\b(?![.,]\d)", re.A)
_PLAIN = re.compile(rf"(?<![\w.])-(?=\d)|{_NUMBER}", re.A)
_FRACTION = re.compile(r"(?<![\w/])(\d)/(\d{1,2})(?![\w/])", re.A)
_POWER = re.compile(r"\^\{?(-?\w+)\}?")

_MARKDOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"```.*?(?:```|\Z)", re.S), " "),
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"https?://(?:www\.)?([\w.-]+)\S*"), r"\1"),
    (re.compile(r"<[^<>\n]{1,80}>"), " "),
    (re.compile(r"^\s*(?:\|?[\s:|-]*-{3,}[\s:|-]*)$", re.M), " "),
    (re.compile(r"^\s*(?:#{1,6}|>+|[-*+•])\s+", re.M), ""),
    (re.compile(r"\\(?:frac)\{([^{}]*)\}\{([^{}]*)\}"), r"\1 over \2"),
    (re.compile(r"\\sqrt\{([^{}]*)\}"), r"√\1"),
    (re.compile(r"\\(?:times|cdot)\b"), "×"),
    (re.compile(r"\\pi\b"), "π"),
    (re.compile(r"\\[a-zA-Z]+|\\[()\[\]]|\$\$"), " "),
    (re.compile(r"\$([^$\n\d][^$\n]*)\$"), r"\1"),
    (re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\w)|(?<=[\w.,!?])[*_](?!\w)"), ""),
    (re.compile(r"\s*\|\s*"), ", "),
)
_SILENT = re.compile(r"[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d#\\{}<>|~^_*@\[\]]")


def spoken_form(clause: str) -> str:
    """``clause`` as words; "" where there is nothing to say (a block of code, a rule, an emoji)."""
    text = clause
    for pattern, replacement in _MARKDOWN:
        text = pattern.sub(replacement, text)
    text = _chinese_form(text) if _CHINESE.search(text) else _english_form(text)
    text = re.sub(r"\s+", " ", _SILENT.sub(" ", text)).strip(" ,")
    return text if any(character.isalnum() for character in text) else ""


def _english_form(text: str) -> str:
    text = _MONEY.sub(_english_money, text)
    text = _QUANTITY.sub(lambda m: _signed_words(m[1], _number_words(m[2])) + " " + UNITS[m[3]][m[2] != "1"], text)
    text = _TIME.sub(_english_time, text)
    text = _ORDINAL.sub(lambda m: _spell_number(int(m[1]), "ordinal"), text)
    text = _YEAR.sub(lambda m: _spell_number(int(m[1]), "year"), text)
    text = _FRACTION.sub(lambda m: f"{_number_words(m[1])} over {_number_words(m[2])}", text)
    text = _POWER.sub(lambda m: f" to the power of {m[1]} ", text)
    text = _RANGE.sub(" to ", text)
    text = re.sub(r"(?<=[\w)])\s[-−]\s(?=[\w(])", " minus ", text)
    text = re.sub(r"(?<=\d)\s?\*\s?(?=\d)", " times ", text)
    text = re.sub(r"(?<=\d)\s?/\s?(?=\d)", " divided by ", text)
    text = _replace_signs(text, 0)
    return _PLAIN.sub(lambda m: "minus " if m[0] == "-" else _number_words(m[0]), text)


def _english_money(match: re.Match[str]) -> str:
    one, many, _ = CURRENCIES[match[1]]
    if match[3]:
        return f"{_number_words(match[2])} {match[3]} {many}"
    return f"{_number_words(match[2])} {one if match[2] == '1' else many}"


def _english_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if not minute:
        return f"{_spell_number(hour)} o'clock"
    return f"{_spell_number(hour)} {'oh ' if minute < 10 else ''}{_spell_number(minute)}"


def _number_words(digits: str) -> str:
    """A number as written, in words; long ones digit by digit, as a person reads a phone number."""
    plain = digits.replace(",", "")
    whole, _, fraction = plain.partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole.startswith("0")):
        return " ".join(_spell_number(int(digit)) for digit in plain if digit.isdigit())
    words = _spell_number(int(whole))
    return words + (" point " + " ".join(_spell_number(int(digit)) for digit in fraction) if fraction else "")


def _spell_number(value: int, to: str = "cardinal") -> str:
    return str(num2words(value, to=to)).replace(",", "").replace("-", " ")


def _signed_words(sign: str, words: str) -> str:
    return f"minus {words}" if sign else words


def _replace_signs(text: str, language: int) -> str:
    for sign, names in SIGNS.items():
        text = text.replace(sign, f" {names[language]} " if language == 0 else names[language])
    return text


def _chinese_form(text: str) -> str:
    text = _MONEY.sub(lambda m: _hanzi_number(m[2]) + CURRENCIES[m[1]][2], text)
    text = re.sub(rf"({_NUMBER})\s?%", lambda m: "百分之" + _hanzi_number(m[1]), text)
    text = _QUANTITY.sub(lambda m: ("负" if m[1] else "") + _hanzi_number(m[2]) + UNITS[m[3]][2], text)
    text = _TIME.sub(
        lambda m: _hanzi_number(str(int(m[1]))) + "点" + (_hanzi_number(str(int(m[2]))) + "分" if int(m[2]) else ""),
        text,
    )
    text = re.sub(r"(\d{4})(?=年)", lambda m: _each_digit(m[1]), text)
    text = _POWER.sub(lambda m: f"的{m[1]}次方", text)
    text = _RANGE.sub("到", text)
    text = _replace_signs(text, 1)
    return _PLAIN.sub(lambda m: "负" if m[0] == "-" else _hanzi_number(m[0]), text)


def _each_digit(digits: str) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in digits)


def _hanzi_number(digits: str) -> str:
    plain = digits.replace(",", "")
    whole, _, fraction = plain.partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole.startswith("0")):
        return _each_digit(plain.replace(".", ""))
    words = str(cn2an.an2cn(int(whole)))
    return words + ("点" + _each_digit(fraction) if fraction else "")
