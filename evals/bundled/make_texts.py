"""Items without media: our own questions in the columns of the public sets."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]
DEV = {"_split": "dev"}


def mmlu_rows() -> Rows:
    """Two examples and six questions."""

    def make_row(subject: str, question: str, choices: list[str], answer: int, **more: Any) -> dict[str, Any]:
        shared = {"question": question, "subject": subject, "choices": choices, "answer": answer, "_part": subject}
        return shared | more

    return [
        make_row("elementary_mathematics", "What is 3 plus 5?", ["6", "7", "8", "9"], 2, **DEV),
        make_row("elementary_mathematics", "How many sides has a square?", ["4", "3", "5", "6"], 0, **DEV),
        make_row("elementary_mathematics", "What is half of 18?", ["6", "9", "8", "12"], 1),
        make_row("elementary_mathematics", "Which number is even?", ["7", "9", "11", "14"], 3),
        make_row(
            "astronomy", "Which body is the centre of our solar system?", ["The Sun", "Mars", "The Moon", "Venus"], 0
        ),
        make_row("high_school_geography", "Which of these is an ocean?", ["Alps", "Sahara", "Atlantic", "Danube"], 2),
        make_row(
            "high_school_biology",
            "What do plants take in to make sugar?",
            ["Oxygen", "Carbon dioxide", "Helium", "Neon"],
            1,
        ),
        make_row("nutrition", "Which of these foods is a fruit?", ["Bread", "Cheese", "Rice", "Apple"], 3),
    ]


def ceval_rows() -> Rows:
    """Two examples and four questions."""

    def make_row(number: int, part: str, question: str, options: str, answer: str, **more: Any) -> dict[str, Any]:
        letters = dict(zip("ABCD", options.split(), strict=True))
        return {
            "id": number,
            "question": question,
            **letters,
            "answer": answer,
            "explanation": "",
            "_part": part,
        } | more

    return [
        make_row(0, "middle_school_mathematics", "3加5等于____。", "六 七 八 九", "C", **DEV),
        make_row(1, "middle_school_mathematics", "正方形有____条边。", "四 三 五 六", "A", **DEV),
        make_row(0, "middle_school_mathematics", "18的一半是____。", "六 九 八 十二", "B"),
        make_row(1, "middle_school_mathematics", "下列数中是偶数的是____。", "七 九 十一 十四", "D"),
        make_row(0, "middle_school_geography", "下列属于大洋的是____。", "阿尔卑斯山 撒哈拉 大西洋 多瑙河", "C"),
        make_row(0, "middle_school_biology", "植物进行光合作用时吸收的气体是____。", "二氧化碳 氧气 氦气 氖气", "A"),
    ]


def agieval_rows() -> Rows:
    """One of each kind: options, several options, a gap to fill in, both languages."""

    def choice_row(part: str, text: str, choices: list[str], gold: list[int]) -> dict[str, Any]:
        return {"query": text, "choices": choices, "gold": gold, "_part": part}

    english = "Q: {} Answer Choices: {}\nA: Among A through D, the answer is"
    chinese = "问题：{} 选项：{}\n答案：从A到D, 我们应选择"
    fruit, numbers = ["(A)iron", "(B)pear", "(C)sand", "(D)wool"], ["(A)2", "(B)4", "(C)6", "(D)8"]
    colours = ["(A)红", "(B)圆", "(C)蓝", "(D)长"]
    return [
        choice_row("logiqa-en", english.format("Which one can be eaten?", " ".join(fruit)), fruit, [1]),
        choice_row("sat-math", english.format("If x + 2 = 8, what is x?", " ".join(numbers)), numbers, [2]),
        choice_row("gaokao-mathqa", chinese.format("若x+2=6，则x等于", " ".join(numbers)), numbers, [1]),
        choice_row("jec-qa-kd", chinese.format("下列哪些是颜色？", " ".join(colours)), colours, [0, 2]),
        {"query": "Q: What is one half plus one quarter?\nA: The answer is", "answer": "\\frac{3}{4}", "_part": "math"},
        {"query": "问题：7乘8等于多少？\n答案：", "answer": "56", "_part": "gaokao-mathcloze"},
    ]


def gsm8k_rows() -> Rows:
    """Two examples and four problems."""
    return [
        {"question": "Mia has 4 shells and finds 3 more. How many has she?",
         "answer": "She has 4+3=<<4+3=7>>7 shells.\n#### 7", **DEV},
        {"question": "A box holds 6 eggs. How many eggs are in 3 boxes?",
         "answer": "There are 3*6=<<3*6=18>>18 eggs.\n#### 18", **DEV},
        {"question": "Ben has 10 coins and spends 4. How many are left?",
         "answer": "10-4=<<10-4=6>>6 coins are left.\n#### 6"},
        {"question": "A train goes 60 km in an hour. How far does it go in 3 hours?",
         "answer": "It goes 3*60=<<3*60=180>>180 km.\n#### 180"},
        {"question": "A hall has 40 rows of 30 seats. How many seats has it?",
         "answer": "It has 40*30=<<40*30=1200>>1,200 seats.\n#### 1,200"},
        {"question": "Four friends share 20 plums evenly. How many does each get?",
         "answer": "Each gets 20/4=<<20/4=5>>5 plums.\n#### 5"},
    ]  # fmt: skip
