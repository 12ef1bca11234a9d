"""Numbers and formulas: GSM8K's extractions, AGIEval's cloze answers, MATH's equality of strings, MathVista's types."""

from __future__ import annotations

import re

INVALID = "[invalid]"  # what lm-eval writes where nothing was found


def gsm8k_strict(text: str) -> str:
    """lm-eval strict-match: the first number behind ``#### ``."""
    match = re.search(r"#### (\-?[0-9\.\,]+)", text)
    return match.group(1) if match else INVALID


def gsm8k_flexible(text: str) -> str:
    """lm-eval flexible-extract: the last thing that looks like a number."""
    found = re.findall(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", text)
    return (found[-1][0] or found[-1][1]).strip() if found else INVALID


def gsm8k_equal(extracted: str, answer: str) -> bool:
    """lm-eval's exact match: commas, dollars, all up to ``#### `` and one last full stop go, then equal strings."""
    return _gsm8k_clean(extracted) == _gsm8k_clean(answer)


def _gsm8k_clean(text: str) -> str:
    text = re.sub(r"(?s).*#### ", "", text.replace(",", "").replace("$", ""))
    return text.removesuffix(".").lower()


def gsm8k_opencompass(text: str) -> str:
    """OpenCompass: the last number before the next ``Question:``; knows no comma; "NULL" where none is."""
    found = re.findall(r"\-?\d+\.\d+|\-?\d+", text.split("Question:")[0])
    return found[-1] if found else "NULL"


def gsm8k_opencompass_equal(extracted: str, answer: str) -> bool:
    """OpenCompass: equal as strings, or as numbers to within 1e-6."""
    target = answer.split("#### ")[-1].replace(",", "")
    try:
        return extracted == target or abs(float(extracted) - int(target)) < 1e-6
    except ValueError:
        return False


def agieval_cloze(text: str) -> str | None:
    """AGIEval's answer to a gap, what it begins with left out: see ``parsed_formula``."""
    for prefix in ("The answer is therefore", "答案是"):
        if prefix in text:
            start = 0 if text.startswith(prefix) else text.rfind(prefix)
            text = text[start + len(prefix) :].strip()
    return parsed_formula(text)


def cloze_equal(answer: str, gold: str) -> bool:
    """As agieval of lm-eval 0.4.13: a gold answer in dollars or a box is parsed like the model's, then ``math_form``.

    lm-eval parses every gold answer. Where nothing marks its formula, that leaves the last number (4 of \\frac{3}{4}, 3
    of -3), or nothing, which equals any other nothing: such a gold answer stays as it is, and the whole text of the
    model's is compared with it, too.
    """
    read = parsed_formula(answer)
    if "\\boxed" in gold or re.search(r"\$.+\$", gold):
        return math_equal(read, parsed_formula(gold))
    return math_equal(read, gold) or math_equal(answer.strip(), gold.strip())


def parsed_formula(text: str) -> str | None:
    """The last box, else the last text between dollars, else what is behind the last =, else the last number."""
    if "\\boxed" in text:
        return _behind_equals(boxed) if (boxed := _last_box(text)) is not None else None
    if (dollars := re.findall(r"\$(.*)\$", text)) and (inner := _behind_equals(dollars[-1])):
        return inner
    if "=" in text:
        return text.split("=")[-1].lstrip(" ").rstrip(".").split("\\n")[0]
    numbers = re.findall(r"(?:\$)?\d+(?:\.\d+)?(?![\w\d])", text)
    return numbers[-1] if numbers else None


def _behind_equals(text: str) -> str:
    return text.split("=")[-1].lstrip(" ") if "=" in text else text


def _last_box(text: str) -> str | None:
    """The inside of the last ``\\boxed{…}`` with its braces balanced; None where it never closes."""
    start = text.rfind("\\boxed")
    depth = 0
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if text[index] == "}" and depth == 0:
            whole = text[start : index + 1]
            return whole[len("\\boxed{") : -1] if whole.startswith("\\boxed{") else None
    return None


def math_equal(one: str | None, other: str | None) -> bool:
    """MATH's is_equiv: equal after writing fractions, roots, degrees and units in one way. None equals nothing.

    The peers let None equal None, which counts two unreadable answers as right; here it is wrong.
    """
    if one is None or other is None:
        return False
    try:
        return math_form(one) == math_form(other)
    except (ValueError, IndexError):  # a half-written \\frac or \\sqrt: only the same text is equal
        return one == other


def math_form(text: str) -> str:
    """One way to write a short LaTeX answer. Raises ValueError or IndexError for half-written commands."""
    for old, new in (("\n", ""), ("\\!", ""), ("\\\\", "\\"), ("tfrac", "frac"), ("dfrac", "frac"), ("\\left", ""),
                     ("\\right", ""), ("^{\\circ}", ""), ("^\\circ", ""), ("\\$", "")):  # fmt: skip
        text = text.replace(old, new)
    if "\\text{ " in text:
        text, _unit = text.split("\\text{ ")
    text = text.replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.")
    if not text:
        return text
    text = "0" + text if text[0] == "." else text
    name, equals, value = text.partition("=")
    if equals and "=" not in value and len(name) <= 2:
        text = value
    text = _braced_fractions(_braced_roots(text).replace(" ", ""))
    text = "\\frac{1}{2}" if text == "0.5" else text
    plain = re.fullmatch(r"(-?\d+)/(-?\d+)", text)
    if plain and text == f"{int(plain[1])}/{int(plain[2])}":
        return f"\\frac{{{plain[1]}}}{{{plain[2]}}}"
    return text


def _braced_roots(text: str) -> str:
    head, *parts = text.split("\\sqrt")
    return head + "".join("\\sqrt" + (part if part[0] == "{" else f"{{{part[0]}}}{part[1:]}") for part in parts)


def _braced_fractions(text: str) -> str:
    head, *parts = text.split("\\frac")
    for part in parts:
        if part[0] != "{" and len(part) < 2:
            return text
        if part[0] == "{":
            head += "\\frac" + part
        elif part[1] == "{":
            head += f"\\frac{{{part[0]}}}{part[1:]}"
        else:
            head += f"\\frac{{{part[0]}}}{{{part[1]}}}{part[2:]}"
    return head


def mathvista_typed(text: str, kind: str, precision: int | None) -> str:
    """MathVista's normalised answer of type "integer", "float" (rounded), "text" or "list"; "" where it is none.

    Without a judge the number is the last one said, which VLMEvalKit's judge would be asked to find.
    """
    if kind not in ("integer", "float"):
        return text.strip()
    numbers = re.findall(r"-?\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3})", "", text))
    if not numbers:
        return ""
    value = float(numbers[-1])
    return str(int(value)) if kind == "integer" else str(round(value, precision or 0))
