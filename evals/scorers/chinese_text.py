"""Numbers as they are said in Chinese, so that "2点" and "二点" can meet before characters are counted.

Gives what chinese_text_normalization's TextNorm gives (used by lmms-eval and Qwen-Audio), without its conversions that
change words: no filler is removed, no traditional character converted.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_UNITS = {1: "十", 2: "百", 3: "千", 4: "万", 8: "亿", 12: "兆", 16: "京", 20: "垓", 24: "秭", 28: "穰", 32: "沟"}
_SCALE = "亿|千万|百万|万|千|百"
_CURRENCY = f"(?:(?:{_SCALE})|(?:{_SCALE}|)元|(?:{_SCALE}|)块|角|毛|分)"
_COUNTED = (
    "(?:[千毫微]克|[千分厘毫微]米|[匹张座回场尾条个首阙阵网炮顶丘棵只支袭辆挑担颗壳窠曲墙群腔砣客贯扎捆刀令打手罗坡山岭江溪钟队"
    "单双对出口头脚板跳枝件贴针线管名位身堂课本页家户层丝毫厘分钱两斤铢石钧锱忽寸尺丈里寻常铺程撮勺合升斗盘碗碟叠桶笼盆盒杯斛锅"
    "簋篮罐瓶壶卮盏箩箱煲啖袋钵年月日季刻时周天秒旬纪岁世更夜春夏秋冬代伏辈丸泡粒幢堆根道面片块])"
)
_NUMBER = r"\d+(?:\.\d+)?"
_DATE = r"\D+((?:(?:[089]\d|(?:19|20)\d{2})年)?(?:\d{1,2}月(?:\d{1,2}[日号])?)?)"
_MONEY = rf"\D+({_NUMBER}[多余几]?{_CURRENCY}(?:\d{_CURRENCY}?)?)"
_MOBILE = r"\D((?:\+?86 ?)?1(?:[38]\d|5[0-35-9]|7[678]|9[89])\d{8})\D"
_TELEPHONE = r"\D((?:0(?:10|2[1-3]|[3-9]\d{2})-?)?[1-9]\d{6,7})\D"
_PUNCTUATION = (
    "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃《》「」『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏·〈〉"
    + string.punctuation
)
_TO_SPACE = str.maketrans(_PUNCTUATION, " " * len(_PUNCTUATION))


def spoken_chinese(text: str) -> str:
    """``text`` with dates, sums, telephone numbers, fractions, percentages and numbers as said, marks as spaces."""
    text = f"^{text}$"  # so that a number at either end has a neighbour, as the peer's rules want
    text = _rewrite_matches(text, _DATE, _spoken_date)
    text = _rewrite_matches(
        text, _MONEY, lambda found: re.sub(_NUMBER, lambda number: cardinal_in_chinese(number.group()), found)
    )
    text = _rewrite_matches(text, _MOBILE, lambda found: "".join(map(digits_in_chinese, found.strip("+").split())))
    text = _rewrite_matches(text, _TELEPHONE, lambda found: "".join(map(digits_in_chinese, found.split("-"))))
    text = _rewrite_matches(text, r"(\d+/\d+)", _spoken_fraction).replace("％", "%")
    text = _rewrite_matches(text, rf"({_NUMBER}%)", lambda found: "百分之" + cardinal_in_chinese(found.strip("%")))
    text = _rewrite_matches(text, rf"({_NUMBER})[多余几]?{_COUNTED}", cardinal_in_chinese)
    text = _rewrite_matches(text, r"(\d{4,32})", digits_in_chinese)
    text = _rewrite_matches(text, rf"({_NUMBER})", cardinal_in_chinese)
    text = _rewrite_matches(text, r"([a-zA-Z]+二[a-zA-Z]+)", lambda found: found.replace("二", "2"))  # P2P, B2C
    return text.lstrip("^").rstrip("$").translate(_TO_SPACE)


def _rewrite_matches(text: str, pattern: str, say: Callable[[str], str]) -> str:
    """Replace what group 1 of ``pattern`` finds, each at its first place in the text, as the peer does."""
    for found in re.findall(pattern, text):
        text = text.replace(found, say(found), 1)
    return text


def digits_in_chinese(number: str) -> str:
    """Digit by digit: 2021 is 二零二一."""
    return "".join(_DIGITS[int(digit)] for digit in number)


def cardinal_in_chinese(number: str) -> str:
    """A number with its units: 205 is 二百零五, 200 两百, 12.5 十二点五."""
    whole, _, decimals = number.partition(".")
    said = _two_as_liang(_with_units(whole)) if len(whole) > 1 else digits_in_chinese(whole)
    said += "点" + digits_in_chinese(decimals) if decimals else ""
    if said.startswith("点"):
        return "零" + said
    return said.removeprefix("一") if said.startswith("一十") else said


def _with_units(number: str) -> str:
    bare = number.lstrip("0")
    if not bare:
        return ""
    if len(bare) == 1:
        return ("零" if len(number) > 1 else "") + digits_in_chinese(bare)
    power = max(power for power in _UNITS if power < len(bare))
    return _with_units(number[:-power]) + _UNITS[power] + _with_units(bare[-power:])


def _two_as_liang(said: str) -> str:
    """两 for 二 before 百 and greater units, unless 十 or a zero stands before it."""
    units = "".join(_UNITS.values())
    symbols = list(said)
    for index, symbol in enumerate(symbols[:-1]):
        before = symbols[index - 1] if index else ""
        begins = not before or (before in units and before != "十")
        if symbol == "二" and begins and symbols[index + 1] in units and symbols[index + 1] != "十":
            symbols[index] = "两"
    return "".join(symbols)


def _spoken_fraction(found: str) -> str:
    numerator, denominator = found.split("/")
    return f"{cardinal_in_chinese(denominator)}分之{cardinal_in_chinese(numerator)}"


def _spoken_date(found: str) -> str:
    """2021年3月5日: the year digit by digit, month and day as numbers."""
    year, has_year, rest = found.rpartition("年")
    month, has_month, day = rest.partition("月")
    said = digits_in_chinese(year) + "年" if has_year else ""
    said += cardinal_in_chinese(month) + "月" if has_month else ""
    return said + (cardinal_in_chinese(day[:-1]) + day[-1] if day else "")
