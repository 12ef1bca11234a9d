"""MMLU: 57 subjects, four options, English.

Source: https://huggingface.co/datasets/cais/mmlu (test 14042, dev 285 for the five examples). Licence: MIT.
Row: {"question": "What is 2+2?", "subject": "elementary_mathematics", "choices": ["3", "4", "5", "6"], "answer": 1}

Prompt as lm-eval's mmlu v1.0. The letter is read from the text unless ``--mode letters`` takes the likeliest of the
four as the first token; published numbers mostly compare the likelihoods of the four letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import choice_letters
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks.choices import letter_options, list_options
from vita.conversation import Turn

CATEGORIES = {
    "stem": "abstract_algebra anatomy astronomy college_biology college_chemistry college_computer_science "
    "college_mathematics college_physics computer_security conceptual_physics electrical_engineering "
    "elementary_mathematics high_school_biology high_school_chemistry high_school_computer_science "
    "high_school_mathematics high_school_physics high_school_statistics machine_learning",
    "humanities": "formal_logic high_school_european_history high_school_us_history high_school_world_history "
    "international_law jurisprudence logical_fallacies moral_disputes moral_scenarios philosophy prehistory "
    "professional_law world_religions",
    "social sciences": "econometrics high_school_geography high_school_government_and_politics "
    "high_school_macroeconomics high_school_microeconomics high_school_psychology human_sexuality "
    "professional_psychology public_relations security_studies sociology us_foreign_policy",
    "other": "business_ethics clinical_knowledge college_medicine global_facts human_aging management marketing "
    "medical_genetics miscellaneous nutrition professional_accounting professional_medicine virology",
}
CATEGORY = {subject: name for name, subjects in CATEGORIES.items() for subject in subjects.split()}


def mmlu_question(row: Row) -> str:
    """The question, its options and where the answer goes."""
    return f"{row['question'].strip()}\n{list_options(letter_options(row['choices']))}\nAnswer:"


def mmlu_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """Description, examples with their letters, and the question, as one turn."""
    subject = row["subject"].replace("_", " ")
    head = f"The following are multiple choice questions (with answers) about {subject}.\n\n"
    shown = "".join(f"{mmlu_question(shot)} {mmlu_target(shot)}\n\n" for shot in shots)
    return user_turn(head + shown + mmlu_question(row))


def mmlu_target(row: Row) -> str:
    """The letter."""
    return "ABCD"[int(row["answer"])]


def mmlu_labels(row: Row) -> list[str]:
    """The subject and its category."""
    return [CATEGORY.get(row["subject"], "other"), f"subject:{row['subject']}"]


def score_option(row: Row, answer: ModelAnswer) -> Scored:
    """The letter that OpenCompass's cues find."""
    said = choice_letters.first_option(answer.text)
    return right_or_wrong(said, said == mmlu_target(row))


def score_line(row: Row, answer: ModelAnswer) -> Scored:
    """The first line, but for case and punctuation."""
    said = choice_letters.mmlu_generative(answer.text)
    return right_or_wrong(said, choice_letters.loosely_equal(said, mmlu_target(row)))


_total = accuracy_total("acc", mmlu_labels, macro="subject:")
TASK = Task(
    name="mmlu",
    title="MMLU",
    ability="language",
    source=DataSource("cais/mmlu", "test", "MIT", configs=tuple(CATEGORY), shots="dev", size=14042),
    prompt=mmlu_prompt,
    target=mmlu_target,
    scorers=(
        Scorer("first_option", "OpenCompass 0.5.4 first_option_postprocess, generative", score_option, _total),
        Scorer("get_response", "lm-eval 0.4.13 mmlu_generative, generative", score_line, _total),
    ),
    metric="acc",
    letters=lambda row: tuple("ABCD"),
    max_tokens=32,
    shots=5,
    note="Generated text unless the mode is letters; lm-eval's mmlu compares the letters' likelihoods.",
)
TASKS = (TASK,)
