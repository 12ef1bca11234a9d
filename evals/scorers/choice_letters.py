"""Which option letter an answer means. One function a peer, because the peers disagree on the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

_EXPLICIT = r"{cue}\s*([{o}])"
# OpenCompass 0.5.4 first_option: cues that a letter follows at once, in the order in which it tries them.
_CUES = (
    "答案是?", r"答案是?\s*：", r"答案是?\s*:", "答案选项应?该?是", "答案选项应?该?为", "答案应该?是", "答案应该?选",
    r"答案选项为?\s*：",
)  # fmt: skip
_RULES_OF_FIRST_OPTION = (
    *(_EXPLICIT.replace("{cue}", cue) for cue in _CUES),
    r"答案选项为?\s+\(?\*?\*?([{o}])\*?\*?\)?",
    r"答案选项是?\s*:\s*([{o}])",
    r"答案为\s*([{o}])",
    r"答案选\s*([{o}])",
    r"选择?\s*([{o}])",
    r"只有选?项?\s?([{o}])\s?是?错",
    r"只有选?项?\s?([{o}])\s?不?正确",
    r"只有选?项?\s?([{o}])\s?错误",
    r"说法不?对选?项?的?是\s?([{o}])",
    r"说法不?正确选?项?的?是\s?([{o}])",
    r"说法错误选?项?的?是\s?([{o}])",
    r"([{o}])\s?是正确的",
    r"([{o}])\s?是正确答案",
    r"选项\s?([{o}])\s?正确",
    r"所以答\s?([{o}])",
    r"所以\s?([{o}][.。$]?$)",
    r"所有\s?([{o}][.。$]?$)",
    r"[\s，：:,]([{o}])[。，,\.]?$",
    r"[\s，,：:][故即]([{o}])[。\.]?$",
    r"[\s，,：:]因此([{o}])[。\.]?$",
    r"[是为。]\s?([{o}])[。\.]?$",
    r"因此\s?([{o}])[。\.]?$",
    r"显然\s?([{o}])[。\.]?$",
    r"答案是\s?(\S+)(?:。|$)",
    r"答案应该是\s?(\S+)(?:。|$)",
    r"答案为\s?(\S+)(?:。|$)",
    r"(?i)ANSWER\s*:\s*([{o}])",
    r"[Tt]he answer is:?\s+\(?\*?\*?([{o}])\*?\*?\)?",
    r"[Tt]he answer is option:?\s+\(?([{o}])\)?",
    r"[Tt]he correct answer is:?\s+\(?([{o}])\)?",
    r"[Tt]he correct answer is option:?\s+\(?([{o}])\)?",
    r"[Tt]he correct (?:answer|option|answer option) is:?.*?boxed{([{o}])}",
    r"[Tt]he answer to the question is:?\s+\(?([{o}])\)?",
    r"^选项\s?([{o}])",
    r"^([{o}])\s?选?项",
    r"^([{o}])[\s。，,：:\.$]",
    r"1.\s?(.*?)$",
    r"([{o}]):",
    r"([{o}])",
)
_PREFIXES_OF_VIDEO_MME = (
    "The best answer is", "The correct answer is", "The answer is", "The answer",
    "The best option isThe correct option is", "Best answer:Best option:",
)  # fmt: skip  # the two fused entries are the peers' own missing commas; they never match
_PHRASES = (
    "answer is", "option is", "choice is", "i choose", "i select", "i pick",
    "옵션", "정답은", "답은", "답:", "答案是", "答案为", "选", "答えは",
)  # fmt: skip
_CEVAL_CUES = (
    "^选", "^选项", *(f"答案{link}\\s?选?项?\\s?" for link in ("是", "为", "应为", "选", "是:", "应该是:")),
    r"正确的一项是\s?",
    *(f"答案{link}\\s?选?项?\\s?" for link in ("为:", "应为:", ":", "是：", "应该是：", "为：", "应为：", "：")),
)  # fmt: skip


def first_option(text: str, options: str = "ABCD") -> str:
    """OpenCompass's zero-shot rule: cues of an answer in order of trust, at last any letter. "" where none is."""
    text = text.strip()
    for rule in _RULES_OF_FIRST_OPTION:
        match = re.search(rule.replace("{o}", options), text, re.DOTALL)
        found = [option for option in options if match and option in (match.group(1) or match.group(0))]
        if found:
            return found[0]
    return ""


def first_capital(text: str) -> str:
    """OpenCompass's five-shot rule: the first upper-case character, whatever its script."""
    return next((char for char in text if char.isupper()), "")


def ceval_official(text: str) -> str:
    """C-Eval's own zero-shot rule (evaluators/chatgpt.py @0d5158eb): the first character, or the last after a cue."""
    if text[:1] and text[0] in "ABCD":
        return text[0]
    for cue in _CEVAL_CUES:
        if found := re.findall(f"{cue}([A-D])", text):
            return str(found[-1])
    return ""


def agieval_single(text: str, few_shot: bool = False, chinese: bool = False) -> str:
    """AGIEval's own rule: the first capital of A to F; with shots, first what follows "answer is" (G allowed)."""
    if few_shot:
        match = re.search("答案是.*?([A-G])" if chinese else "answer is .*?([A-G])", text)
        if match:
            return match.group(1)
    return next((char for char in text if char in "ABCDEF"), "")


def agieval_multiple(text: str) -> list[str]:
    """Every option that AGIEval's multi-answer sets see, in order and with repetitions."""
    return re.findall("[A-F]", text)


def videomme_official(text: str, vlmevalkit: bool = False) -> str:
    """Video-MME's own rule: known prefixes removed, then the first capital of A to D ("Answer: B" is A).

    VLMEvalKit removes "Answer:" and "Option:" too.
    """
    text = text.strip()
    for prefix in _PREFIXES_OF_VIDEO_MME[:4]:
        text = text.replace(prefix, "")
    if vlmevalkit:
        text = text.replace("Best answer:Best option:", "").replace("Answer:", "").replace("Option:", "")
    match = re.search("[ABCD]", text)
    return match.group() if match else ""


def mcq_priority(text: str, choices: Sequence[str] = ("A", "B", "C", "D")) -> str:
    """lmms-eval 0.7.3's rule: the form of writing that is trusted most wins, the later place breaks ties."""
    text = text.strip()
    for char in ",.!?;:'\"":
        text = text.strip(char)
    padded, bare = f" {text} ", text.strip()
    found = [*_written_forms(padded, choices), *_edge_letters(bare, len(padded) - 1, choices)]
    found = found or [(0, padded.rfind(choice), choice) for choice in choices if choice in padded]
    return max(found, key=lambda candidate: candidate[:2])[2] if found else ""


def _written_forms(text: str, choices: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(trust, position, letter) of every letter in a known form of writing, or behind a known phrase."""
    for trust, form in ((6, "({})"), (5, "{}."), (4, "{}:"), (3, "{})"), (2, "{} ")):
        for choice in choices:
            if form.format(choice) in text:
                yield trust, text.rfind(form.format(choice)), choice
    for phrase in _PHRASES:
        start = text.lower().find(phrase)
        for choice in choices if start >= 0 else ():
            position = text.find(choice, start + len(phrase))
            if position >= 0:
                yield 7, position, choice


def _edge_letters(text: str, last: int, choices: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(trust, position, letter) of letters that begin or end the text and are no part of a word."""
    for choice in choices:
        if text.startswith(choice) and not text[1:2].isalpha():
            yield 10, 0, choice
        if text.endswith(choice) and not text[-2:-1].isalpha():
            yield 9, last, choice


def can_infer(answer: str, choices: Mapping[str, object]) -> str:
    """VLMEvalKit's rule without a judge: one option letter near the end, else the one option whose text is said.

    Returns:
        The letter; "Z" for a refusal; "" where only a judge could tell, which counts as wrong here.
    """
    refusals = ("Sorry, I can't help with images of people yet.", "I can't process this file.",
                "I'm sorry, but without the image provided", "Cannot determine the answer")  # fmt: skip
    if any(refusal in answer for refusal in refusals):
        return "Z"
    words = re.sub(r"[.()\[\],:;!*#{}]", " ", answer).split()
    letters = [choice for choice in choices if choice in words]
    if len(letters) == 1 and words.index(letters[0]) > len(words) - 5:
        return letters[0]
    if not letters and "Z" in words:
        return "Z"
    if len(answer) > 2 * sum(len(str(text)) for text in choices.values()):
        return ""
    said = [choice for choice, text in choices.items() if str(text).lower() in answer.lower()]
    return said[0] if len(said) == 1 else ""


def mmlu_generative(text: str) -> str:
    """lm-eval's mmlu_generative: the first line, stripped; compare with ``loosely_equal``."""
    return text.split("\n")[0].strip()


def loosely_equal(answer: str, target: str) -> bool:
    """Equal but for case and ASCII punctuation, as lm-eval's exact_match with both ignored."""
    drop = str.maketrans("", "", r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~""")
    return answer.lower().translate(drop) == target.lower().translate(drop)
