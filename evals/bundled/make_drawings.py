"""Items with drawings: shapes, words and numbers on plain ground, in the columns of the public sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

SIDE = 224  # pixels
Rows = list[dict[str, Any]]
Shape = tuple[str, str, float, float, float]  # kind, colour, centre x and y, size, all of the side


def draw_shapes(shapes: list[Shape], text: str = "", ground: str = "white") -> Image.Image:
    """Shapes in order, text in the middle over them."""
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)
    for kind, colour, x, y, size in shapes:
        left, top, right, bottom = ((x - size / 2), (y - size / 2), (x + size / 2), (y + size / 2))
        box = tuple(round(value * SIDE) for value in (left, top, right, bottom))
        if kind == "circle":
            pen.ellipse(box, fill=colour, outline="black")
        elif kind == "square":
            pen.rectangle(box, fill=colour, outline="black")
        elif kind == "bar":  # from the ground up, a quarter as wide as high it may be
            pen.rectangle((round(x * SIDE) - 16, round((1 - size) * SIDE), round(x * SIDE) + 16, SIDE), fill=colour)
        else:
            pen.polygon([(box[0], box[3]), (box[2], box[3]), (round(x * SIDE), box[1])], fill=colour, outline="black")
    if text:
        pen.multiline_text((SIDE / 2, SIDE / 2), text, "black", ImageFont.load_default(34), anchor="mm", align="center")
    return image


RED_CIRCLE: Shape = ("circle", "red", 0.5, 0.5, 0.5)
BLUE_SQUARE: Shape = ("square", "blue", 0.5, 0.5, 0.5)
GREEN_TRIANGLE: Shape = ("triangle", "green", 0.5, 0.5, 0.6)
PICTURES: dict[str, Image.Image] = {
    "red_circle": draw_shapes([RED_CIRCLE]),
    "blue_square": draw_shapes([BLUE_SQUARE]),
    "green_triangle": draw_shapes([GREEN_TRIANGLE]),
    "three_circles": draw_shapes([("circle", "orange", x, 0.5, 0.22) for x in (0.2, 0.5, 0.8)]),
    "square_left_of_circle": draw_shapes([("square", "blue", 0.25, 0.5, 0.3), ("circle", "red", 0.75, 0.5, 0.3)]),
    "bars": draw_shapes([("bar", "teal", 0.25, 0, 0.3), ("bar", "teal", 0.5, 0, 0.6), ("bar", "teal", 0.75, 0, 0.9)]),
    "flat_bars": draw_shapes([("bar", "teal", x, 0, 0.5) for x in (0.25, 0.5, 0.75)]),
    "sum": draw_shapes([], "3 + 4"),
    "stop": draw_shapes([("circle", "salmon", 0.5, 0.5, 0.9)], "STOP"),
    "bill": draw_shapes([], "CAFE ROSE\n2 teas  5.00\nTotal $5.00"),
    "code": draw_shapes([], "print(2 * 5)"),
    "french": draw_shapes([], "pomme"),
    "food_chain": draw_shapes([], "grass -> hare\nhare -> fox"),
    "digits": draw_shapes([], "40718"),
    "formula": draw_shapes([], "x = 1 / 2"),
}


def mme_rows() -> Rows:
    """Eight pairs."""
    asked = (
        ("existence", "red_circle", "Is there a circle in this image?", "Is there a dog in this image?"),
        ("count", "three_circles", "Are there three circles in the image?", "Are there six circles in the image?"),
        ("position", "square_left_of_circle", "Is the square left of the circle?", "Is the square on the right?"),
        ("color", "blue_square", "Is the square blue?", "Is the square yellow?"),
        ("OCR", "stop", "Is the word in the image \"STOP\"?", "Is the word in the image \"SHOP\"?"),
        ("numerical_calculation", "sum", "Is the answer to the sum in the image 7?", "Is the answer to the sum 9?"),
        ("text_translation", "french", "Does the word mean \"apple\" in English?", "Does the word mean \"bread\"?"),
        ("code_reasoning", "code", "Is the output of the code 10?", "Is the output of the code 25?"),
    )  # fmt: skip
    return [
        {"question_id": f"{category}/{picture}.png", "image": picture, "category": category, "answer": answer,
         "question": f"{question} Please answer yes or no."}
        for category, picture, yes, no in asked
        for question, answer in ((yes, "Yes"), (no, "No"))
    ]  # fmt: skip


def ocrbench_rows() -> Rows:
    """Five, one of each category."""
    return [
        {"dataset": dataset, "question": question, "question_type": kind, "answer": answer, "image": picture}
        for dataset, kind, picture, question, answer in (
            ("bundled", "Regular Text Recognition", "stop", "what is written in the image?", ["STOP"]),
            ("bundled", "Digit String Recognition", "digits", "what is the number in the image?", ["40718"]),
            ("bundled", "Scene Text-centric VQA", "food_chain", "What does the hare eat?", ["grass"]),
            ("bundled", "Key Information Extraction", "bill", "What is the total?", ["$5.00", "5.00"]),
            ("HME100k", "Handwritten Mathematical Expression Recognition", "formula",
             "Please write out the expression of the formula in the image using LaTeX format.",
             ["x = \\frac { 1 } { 2 }", "x=1/2"]),
        )
    ]  # fmt: skip


def hallusionbench_rows() -> Rows:
    """Two figures of one chart, asked the same two questions, and one about a drawing."""
    asked = (
        ("VS", "chart", "0", "0", "0", "bars", "Are the bars growing from left to right?", "1"),
        ("VS", "chart", "0", "0", "1", "bars", "Are all bars of the same height?", "0"),
        ("VS", "chart", "0", "1", "0", "flat_bars", "Are the bars growing from left to right?", "0"),
        ("VS", "chart", "0", "1", "1", "flat_bars", "Are all bars of the same height?", "1"),
        ("VD", "figure", "0", "0", "0", "three_circles", "Is the middle circle larger than the others?", "0"),
    )
    names = ("category", "subcategory", "set_id", "figure_id", "question_id", "image", "question", "gt_answer")
    return [dict(zip(names, row, strict=True)) | {"visual_input": "1"} for row in asked]


def _rotated_rows(index: int, question: str, picture: str, options: list[str], answer: str) -> Rows:
    """A question with its options in every rotation, as MMBench has it."""
    rows = []
    for turn in range(len(options)):
        turned = options[turn:] + options[:turn]
        letters = dict(zip("ABCD", [*turned, "nan", "nan"][:4], strict=False))
        right = "ABCD"[turned.index(answer)]
        rows.append({"index": index + turn * 1_000_000, "question": question, "hint": "nan", **letters,
                     "image": picture, "answer": right, "category": "attribute",
                     "L2-category": "attribute_reasoning"})  # fmt: skip
    return rows


def mmbench_en() -> Rows:
    """Two questions in their rotations."""
    return [
        *_rotated_rows(1, "What colour is the circle?", "red_circle", ["red", "green", "blue"], "red"),
        *_rotated_rows(2, "Which shape is this?", "green_triangle", ["circle", "triangle"], "triangle"),
    ]


def mmbench_cn() -> Rows:
    """As in English."""
    return [
        *_rotated_rows(1, "图中的圆是什么颜色？", "red_circle", ["红色", "绿色", "蓝色"], "红色"),
        *_rotated_rows(2, "这是什么形状？", "green_triangle", ["圆形", "三角形"], "三角形"),
    ]


def mmstar_rows() -> Rows:
    """Three."""
    asked = (
        ("coarse perception", "image scene and topic", "blue_square", "Which shape is it?",
         "A: square, B: circle, C: star, D: heart", "A"),
        ("fine-grained perception", "object counting", "three_circles", "How many circles are there?",
         "A: one, B: five, C: three, D: nine", "C"),
        ("math", "numeric commonsense and calculation", "sum", "What is the sum?", "A: 5, B: 7, C: 12, D: 34", "B"),
    )  # fmt: skip
    return [
        {"index": index, "question": f"{question}\nOptions: {options}", "image": picture, "answer": answer,
         "category": category, "l2_category": side}
        for index, (category, side, picture, question, options, answer) in enumerate(asked)
    ]  # fmt: skip


def mmmu_rows() -> Rows:
    """Two with options, one of two pictures, and an open one."""
    shared = {"subfield": "bundled", "question_type": "multiple-choice"}
    return [
        {"id": "validation_Math_1", "question": "<image 1> What is the result?", "options": "['7', '12', '34']",
         "answer": "A", "image_1": "sum", **shared},
        {"id": "validation_Art_1", "question": "Which is round, <image 1> or <image 2>?",
         "options": "['the first', 'the second']", "answer": "B", "image_1": "blue_square", "image_2": "red_circle",
         **shared},
        {"id": "validation_Computer_Science_1", "question": "What does this print? <image 1>", "options": "[]",
         "answer": "10", "image_1": "code", "subfield": "bundled", "question_type": "open"},
    ]  # fmt: skip


def mathvista_rows() -> Rows:
    """One of each type of answer."""

    def make_row(pid: str, picture: str, question: str, hint: str, **answer: Any) -> dict[str, Any]:
        return {"pid": pid, "question": question, "query": f"Hint: {hint}\nQuestion: {question}", "choices": None,
                "decoded_image": picture, "precision": None, "metadata": {"task": "bundled", "skills": ["arithmetic"]},
                "question_type": "free_form"} | answer  # fmt: skip

    whole = (
        "Please answer the question requiring an integer answer and provide the final value, e.g., 1, 2, 3, at the end."
    )
    decimal = "Please answer the question requiring a number with one decimal, e.g., 1.2, 1.3, at the end."
    letter = "Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end."
    return [
        make_row("1", "sum", "What is the sum in the image?", whole, answer="7", answer_type="integer"),
        make_row("2", "bill", "What does one tea cost?", decimal, answer="2.5", answer_type="float", precision=1.0),
        make_row(
            "3",
            "bars",
            "Which bar is the highest?\nChoices:\n(A) left\n(B) middle\n(C) right",
            letter,
            answer="right",
            choices=["left", "middle", "right"],
            answer_type="text",
            question_type="multi_choice",
        ),
    ]


def ai2d_rows() -> Rows:
    """Two on one diagram."""
    return [
        {"question": "Which one eats grass?", "options": ["fox", "hare", "owl"], "answer": "1", "image": "food_chain"},
        {"question": "Which one is eaten by the fox?", "options": ["hare", "grass", "owl"], "answer": "0",
         "image": "food_chain"},
    ]  # fmt: skip


def mmvet_rows() -> Rows:
    """Three, with the two signs of its references."""
    return [
        {"question_id": "v1_0", "image": "bill", "question": "What is the name of the cafe and what is the total?",
         "answer": "Cafe Rose<AND>5", "capability": "ocr, rec"},
        {"question_id": "v1_1", "image": "sum", "question": "What is the sum?", "answer": "7<OR>seven",
         "capability": "ocr, math"},
        {"question_id": "v1_2", "image": "square_left_of_circle", "question": "What is on the right side?",
         "answer": "circle<OR>red disc", "capability": "rec, spat"},
    ]  # fmt: skip


def save_pictures(folder: Path) -> None:
    """Write every picture as PNG."""
    for name, image in PICTURES.items():
        image.save(folder / f"{name}.png", optimize=True)
