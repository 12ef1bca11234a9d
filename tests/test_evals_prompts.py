"""The words that each benchmark asks with."""

from __future__ import annotations

import pytest

from evals.item_runner import AskingOptions, shown_prompt
from evals.simulated_engine import SimulatedEngine
from evals.task import Task, user_turn
from evals.task_data import Selection, open_media, selected_examples
from evals.tasks import PUBLIC, TASKS
from evals.tasks.choices import vita_prompt
from vita.conversation import Turn
from vita.engine.engine_protocol import Request, Sampling, Stage


def first_prompt(name: str, shots: int | None = None) -> str:
    task: Task = TASKS[f"{name}_bundled"]
    example = next(selected_examples(task, Selection(shots=shots)))
    return shown_prompt(task.prompt(open_media(example.row, task.source.media), example.shots))


def test_mmlu_asks_as_lm_eval_does():
    assert first_prompt("mmlu", 1) == (
        "The following are multiple choice questions (with answers) about elementary mathematics.\n\n"
        "What is 3 plus 5?\nA. 6\nB. 7\nC. 8\nD. 9\nAnswer: C\n\n"
        "What is half of 18?\nA. 6\nB. 9\nC. 8\nD. 12\nAnswer:"
    )


def test_ceval_asks_as_its_authors_do():
    assert first_prompt("ceval", 1) == (
        "以下是中国关于初中数学考试的单项选择题，请选出其中的正确答案。\n\n"
        "3加5等于____。\nA. 六\nB. 七\nC. 八\nD. 九\n答案：C\n\n"
        "18的一半是____。\nA. 六\nB. 九\nC. 八\nD. 十二\n答案："
    )


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("agieval", "\nA: Among A through D, the answer is"),
        ("mme", "Is there a circle in this image?\nAnswer the question using a single word or phrase."),
        ("ocrbench", "what is written in the image?"),
        ("hallusionbench", "Please answer yes or no. Answer the question using a single word or phrase."),
        ("mmbench_en", "\nA. red\nB. green\nC. blue\nAnswer with the option's letter from the given choices directly."),
        ("mmbench_cn", "\nA. 红色\nB. 绿色\nC. 蓝色\n请直接回答选项字母。"),
        ("mmstar", "D: heart\nAnswer with the option's letter from the given choices directly."),
        ("mmmu", "\nA. 7\nB. 12\nC. 34\n\nAnswer with the option's letter from the given choices directly."),
        ("mathvista", "Question: What is the sum in the image?"),
        ("ai2d", "\nA. fox\nB. hare\nC. owl\nAnswer with the option's letter from the given choices directly."),
        ("mmvet", "What is the name of the cafe and what is the total?"),
        ("librispeech_test_clean", "Please recognize the speech and only output the recognized content:"),
        ("wenetspeech_test_net", "请将这段中文语音转换为纯文本。"),
        ("videomme", "What moves?\nA. A star.\nB. A circle.\nC. A bird.\nD. A car.\nThe best answer is:"),
    ],
)
def test_questions_end_as_the_peers_word_them(name, ends):
    assert first_prompt(name).endswith(ends)


def test_subtitles_are_given_only_where_the_task_says_so():
    assert "Watch the ball" not in first_prompt("videomme")
    assert (
        first_prompt("videomme_subtitles")
        .split("\n", 1)[1]
        .startswith(
            "This video's subtitles are listed below:\nWatch the ball roll to the door.\nSelect the best answer"
        )
    )


def test_voices_come_without_any_words_beside_them():
    for name in PUBLIC:
        if name.startswith("voicebench"):
            assert first_prompt(name).startswith("<sound ")
            assert first_prompt(name).count("\n") == 1


def test_questions_without_options_are_asked_in_their_language():
    assert vita_prompt("Why?", {}) == "Why?\nAnswer the question directly."
    assert vita_prompt("为什么？", {}) == "为什么？\n请直接回答问题。"
    assert vita_prompt("Which?", {"A": "a"}, hint="Look.").startswith("Look.\nWhich?\nA. a\nAnswer")
    assert user_turn("", "x")[0].parts == ("x",)


def test_answers_are_greedy_and_no_longer_than_the_task_needs():
    for task in PUBLIC.values():
        sampling = AskingOptions().sampling_for(task)
        assert sampling.temperature == 0.0
        assert sampling.seed == 0
        assert sampling.max_tokens == task.max_tokens
    assert AskingOptions(states=False).sampling_for(TASKS["mme"]).states == ()


async def test_the_simulation_says_the_same_to_the_same_and_different_things_to_others():
    engine = SimulatedEngine()
    await engine.start()

    async def say(text: str, seed: int) -> str:
        request = Request((Turn("user", (text,)),), Sampling(seed=seed))
        return "".join([delta.text async for delta in engine.generate(request)])

    said = [await say(f"question {number}", 0) for number in range(20)]
    assert said == [await say(f"question {number}", 0) for number in range(20)]
    assert len(set(said)) > 3
    assert said != [await say(f"question {number}", 1) for number in range(20)]
    assert (engine.status.stage, engine.load) == (Stage.READY, 0)
    await engine.abort("x")
    await engine.close()
