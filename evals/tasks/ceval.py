"""C-Eval: 52 subjects, four options, Chinese.

Source: https://huggingface.co/datasets/ceval/ceval-exam (val; the labels of test are not released; dev has five
examples a subject). Licence: CC BY-NC-SA 4.0.
Row: {"id": 0, "question": "二加二等于____。", "A": "三", "B": "四", "C": "五", "D": "六", "answer": "B",
      "explanation": ""}

Prompt as OpenCompass and the authors have it, answer generated.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import choice_letters
from evals.task import DataSource, Row, Task, user_turn
from evals.task_rows import PART
from evals.tasks.choices import by_letter, list_options
from vita.conversation import Turn

SUBJECTS = {
    "STEM": (
        "computer_network=计算机网络 operating_system=操作系统 computer_architecture=计算机组成 "
        "college_programming=大学编程 college_physics=大学物理 college_chemistry=大学化学 "
        "advanced_mathematics=高等数学 probability_and_statistics=概率统计 discrete_mathematics=离散数学 "
        "electrical_engineer=注册电气工程师 metrology_engineer=注册计量师 "
        "high_school_mathematics=高中数学 high_school_physics=高中物理 high_school_chemistry=高中化学 "
        "high_school_biology=高中生物 middle_school_mathematics=初中数学 middle_school_biology=初中生物 "
        "middle_school_physics=初中物理 middle_school_chemistry=初中化学 veterinary_medicine=兽医学"
    ),
    "social science": (
        "college_economics=大学经济学 business_administration=工商管理 marxism=马克思主义基本原理 "
        "mao_zedong_thought=毛泽东思想和中国特色社会主义理论体系概论 education_science=教育学 "
        "teacher_qualification=教师资格 high_school_politics=高中政治 high_school_geography=高中地理 "
        "middle_school_politics=初中政治 middle_school_geography=初中地理"
    ),
    "humanities": (
        "modern_chinese_history=近代史纲要 ideological_and_moral_cultivation=思想道德修养与法律基础 "
        "logic=逻辑学 law=法学 chinese_language_and_literature=中国语言文学 art_studies=艺术学 "
        "professional_tour_guide=导游资格 legal_professional=法律职业资格 high_school_chinese=高中语文 "
        "high_school_history=高中历史 middle_school_history=初中历史"
    ),
    "other": (
        "civil_servant=公务员 sports_science=体育学 plant_protection=植物保护 basic_medicine=基础医学 "
        "clinical_medicine=临床医学 urban_and_rural_planner=注册城乡规划师 accountant=注册会计师 "
        "fire_engineer=注册消防工程师 environmental_impact_assessment_engineer=环境影响评价工程师 "
        "tax_accountant=税务师 physician=医师资格"
    ),
}
CHINESE = {
    subject: chinese
    for listed_subjects in SUBJECTS.values()
    for subject, chinese in (entry.split("=") for entry in listed_subjects.split())
}
CATEGORY = {entry.split("=")[0]: name for name, entries in SUBJECTS.items() for entry in entries.split()}
HARD = (
    "advanced_mathematics", "discrete_mathematics", "probability_and_statistics", "college_chemistry",
    "college_physics", "high_school_mathematics", "high_school_chemistry", "high_school_physics",
)  # fmt: skip


def ceval_question(row: Row) -> str:
    """The question with its options and where the answer goes."""
    return f"{row['question']}\n{list_options({letter: row[letter] for letter in 'ABCD'})}\n答案："


def ceval_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """Description, examples and question as one turn."""
    subject = CHINESE.get(row.get(PART, ""), "常识")
    head = f"以下是中国关于{subject}考试的单项选择题，请选出其中的正确答案。\n\n"
    return user_turn(
        head + "".join(f"{ceval_question(shot)}{shot['answer']}\n\n" for shot in shots) + ceval_question(row)
    )


def ceval_labels(row: Row) -> list[str]:
    """Subject, category, and whether it belongs to C-Eval Hard."""
    subject = row.get(PART, "")
    return [CATEGORY.get(subject, "other"), f"subject:{subject}", *(["hard"] if subject in HARD else [])]


_PARTS = (ceval_labels, "subject:")
TASK = Task(
    name="ceval",
    title="C-Eval",
    ability="language",
    source=DataSource(
        "ceval/ceval-exam",
        "val",
        "CC BY-NC-SA 4.0",
        configs=tuple(CHINESE),
        shots="dev",
        how_to_get="C-Eval is free to download from huggingface.co/datasets/ceval/ceval-exam.",
    ),
    prompt=ceval_prompt,
    target=lambda row: str(row["answer"]),
    scorers=(
        by_letter("first_option", "OpenCompass 0.5.4 first_option_postprocess", choice_letters.first_option, *_PARTS),
        by_letter(
            "first_capital", "OpenCompass 0.5.4 first_capital_postprocess", choice_letters.first_capital, *_PARTS
        ),
        by_letter("official", "hkust-nlp/ceval @0d5158eb extract_ans", choice_letters.ceval_official, *_PARTS),
    ),
    metric="acc",
    letters=lambda row: tuple("ABCD"),
    max_tokens=32,
    shots=5,
    note="Generated unless the mode is letters. acc weighs by size as lm-eval, acc_macro by subject as OpenCompass.",
)
TASKS = (TASK,)
