"""Turns, history and the prompts of each family, against upstream's own prompts."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vita.conversation import (
    SYSTEM_PROMPTS,
    Turn,
    check_conversation,
    render_prompt,
    system_prompt_kind,
    undo_turn,
    without_noise,
)
from vita.errors import InputError, LimitError
from vita.media import Clip, Limits, Picture, Sound
from vita.tokens import CHAT_MARKERS, STATE_TOKENS, Family, State, disarm

GOLDEN = Path(__file__).parent / "golden"
PICTURE = Picture(Image.new("RGB", (4, 4)))
SECOND_PICTURE = Picture(Image.new("RGB", (5, 5)))
CLIP = Clip((PICTURE.image,) * 4, (0.0, 1.0, 2.0, 3.0), 4.0)
SOUND = Sound(np.zeros(1600, np.float32))
Q = "Describe this image."


def golden(family, name):
    return json.loads((GOLDEN / family.value / "expected" / f"{name}.json").read_text())


def written(pieces, tiles=(1,)):
    """Pieces as upstream writes them: <image> for each tile or frame, <audio> for each sound."""
    tiles = list(tiles)
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        elif isinstance(piece, Sound):
            text += "<audio>"
        else:
            text += "<image>" * (len(piece.frames) if isinstance(piece, Clip) else tiles.pop(0))
    return text


def user(*parts):
    return Turn("user", parts)


def bot(text, state=None):
    return Turn("assistant", (text,), state)


HEARD, NOISE, READ = State.AUDIO_QUERY, State.NOISE, State.TEXT_QUERY
TALK = (user(SOUND), bot("The blue whale.", HEARD))
V10 = {
    "text": ((user(Q),), ()),
    "text_zh": ((user("请描述这张图片。"),), ()),
    "image": ((user(PICTURE, Q),), (9,)),
    "two_images": ((user(PICTURE, SECOND_PICTURE, Q),), (9, 11)),
    "video": ((user(CLIP, Q),), ()),
    "audio": ((user(SOUND),), ()),
    "image_audio": ((user(PICTURE, SOUND),), (1,)),
    "video_audio": ((user(CLIP, SOUND),), ()),
    "multi_turn": (
        (*TALK, user("What is shown in the video?"), bot("A red square.", READ), user(SOUND)),
        (),
    ),
    "multi_turn_image": (
        (user(PICTURE, Q), bot("A red square next to a blue circle.", READ), user(SOUND)),
        (1,),
    ),
    "empty_q_image": ((user(PICTURE),), (1,)),
}
V15 = {**{name: V10[name] for name in ("text", "image", "video", "audio", "image_audio")}}
V15["multi_turn"] = ((*TALK, user(SOUND)), ())
CASES = [(Family.VITA_1_0, name, case) for name, case in V10.items()]
CASES += [(Family.VITA_1_5, name, case) for name, case in V15.items()]


@pytest.mark.parametrize(("family", "name", "case"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_conversation_is_written_as_upstream_writes_it(family, name, case):
    turns, tiles = case
    assert written(render_prompt(turns, family), tiles) == golden(family, "prompts")[name]["prompt"]


def test_every_prompt_of_upstream_is_covered():
    assert set(V10) | {"mixtral_zh"} == set(golden(Family.VITA_1_0, "prompts"))
    assert set(V15) == set(golden(Family.VITA_1_5, "prompts"))


def test_another_system_prompt_takes_the_place_of_the_built_in_one():
    expected = golden(Family.VITA_1_0, "prompts")["mixtral_zh"]["prompt"]
    system = expected.removeprefix("system:").split("</s>")[0]
    assert written(render_prompt([user("请描述这张图片。")], Family.VITA_1_0, system)) == expected


@pytest.mark.parametrize("number", [0, 3])
def test_spoken_histories_equal_those_of_the_interactive_demo(number):
    case = golden(Family.VITA_1_0, "interactive_history")[number]
    turns = []
    for past in case["history"]:
        turns += [user(SOUND), bot(past["response"].removeprefix("<1> "), HEARD)]
    system = SYSTEM_PROMPTS[Family.VITA_1_0]["none"].replace("VITA", "Vita")
    assert written(render_prompt([*turns, user(SOUND)], Family.VITA_1_0, system)) == case["out"]["prompt"]


def test_the_first_letters_of_a_question_are_not_taken_for_its_role():
    case = golden(Family.VITA_1_0, "interactive_history")[4]  # upstream writes "user: rest"
    past = case["history"][0]
    turns = [user(past["prompt"]), bot(past["response"]), user(case["current"]["prompt"])]
    assert "user:users rest</s>" in written(render_prompt(turns, Family.VITA_1_0))


def test_a_history_with_images_keeps_each_in_its_own_turn():
    turns = [user(SOUND, PICTURE), bot("Hi.", HEARD), user(SECOND_PICTURE, SOUND)]
    pieces = render_prompt(turns, Family.VITA_1_5)
    assert [piece for piece in pieces if not isinstance(piece, str)] == [PICTURE, SOUND, SECOND_PICTURE, SOUND]
    assert pieces[1:4:2] == (PICTURE, SOUND)
    assert "the image, not the video" in pieces[0]


def test_texts_and_media_of_a_turn_may_come_in_any_order():
    orders = [(PICTURE, "Look", SOUND), ("Look", SOUND, PICTURE), (SOUND, PICTURE, "Look")]
    assert len({render_prompt([user(*order)], Family.NANO) for order in orders}) == 1


def test_training_placement_of_upstream_is_followed():
    for case in golden(Family.VITA_1_0, "training_placement"):
        turns, tiles = [], list(case["kw"].get("patch_num", []))
        for message, answer in zip(case["inp"][::2], case["inp"][1::2], strict=True):
            raw = message["value"]
            parts = [("<image>", PICTURE), ("<video>", CLIP), ("<audio>", SOUND)]
            text = raw.replace("<image>", "").replace("<video>", "").replace("<audio>", "")
            turns.append(user(text, *(medium for mark, medium in parts if mark in raw)))
            heard = "<audio>" in raw
            turns.append(bot(answer["value"], HEARD if heard else READ))
        if "inserted_id" in case["kw"]:
            continue  # a noisy turn is training data only: a prompt leaves it out
        messages = written(render_prompt(turns, Family.VITA_1_0, generate=False), tiles).split("</s>\n")[1:]
        for message, expected in zip(messages, case["out"], strict=True):
            assert message.removesuffix("</s>").split(":", 1)[1] == expected["value"]


@pytest.mark.parametrize(
    ("turns", "seen"),
    [
        ([user("hi")], "none"),
        ([user(SOUND)], "none"),
        ([user(PICTURE, "a"), bot("b"), user("c")], "image"),
        ([user(PICTURE, "a"), bot("b"), user(CLIP, "c")], "video"),
        ([user(CLIP, "a"), bot("b"), user(PICTURE, "c"), bot("d"), user("e")], "image"),
        ([user(PICTURE, CLIP, "a")], "video"),
    ],
)
def test_the_system_prompt_speaks_of_what_was_shown_last(turns, seen):
    assert system_prompt_kind(turns) == seen
    assert render_prompt(turns, Family.VITA_1_5)[0].startswith(
        f"<|im_start|>system\n{SYSTEM_PROMPTS[Family.VITA_1_5][seen]}<|im_end|>"
    )


@pytest.mark.parametrize("family", [Family.VITA_1_0, Family.VITA_1_5])
def test_a_request_may_say_what_is_shown_in_place_of_its_turns(family):
    turns = (Turn("user", ("Hello.",)),)
    assert SYSTEM_PROMPTS[family]["none"] in render_prompt(turns, family)[0]
    assert SYSTEM_PROMPTS[family]["video"] in render_prompt(turns, family, shown="video")[0]
    assert SYSTEM_PROMPTS[family]["video"] not in render_prompt(turns, family, "Be brief.", shown="video")[0]


def test_an_empty_system_prompt_leaves_the_message_out():
    assert render_prompt([user("hi")], Family.NANO, "") == ("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",)


def test_nano_introduces_itself_in_one_sentence():
    assert render_prompt([user("hi"), bot("Hello.", READ)], Family.NANO, generate=False) == (
        "<|im_start|>system\nYou are a helpful AI assistant named VITA.<|im_end|>\n"
        "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<3>Hello.<|im_end|>",
    )


def test_an_answer_that_is_to_be_written_on_has_no_end():
    turns = [user("hi"), bot("Hello, I", READ)]
    assert render_prompt(turns, Family.NANO, "", continued=True) == (
        "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<3>Hello, I",
    )


def test_speech_answered_with_noise_leaves_no_trace_but_what_it_showed():
    turns = [user(SOUND, PICTURE, "aside"), bot("", NOISE), user("What is it?")]
    assert without_noise(turns) == (user(PICTURE, "What is it?"),)
    assert without_noise([user(SOUND), bot("", NOISE)]) == ()


def test_what_two_noisy_turns_showed_is_carried_in_order():
    turns = [user(PICTURE, SOUND), bot("", NOISE), user(SECOND_PICTURE, SOUND), bot("x", NOISE), user("Which?")]
    assert without_noise(turns)[0].media == (PICTURE, SECOND_PICTURE)


MARKERS = [
    "</s>", "<s>", "<unk>", "<image>", "<audio>", "<video>", "<1>", "<2>", "<3>", "☞", "☟", "☜",
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|vision_start|>", "<tool_call>", "<file_sep>",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(MARKERS) | st.text(alphabet="<|/>s123im_ \nx", max_size=6)).map("".join)


def armed(text):
    """What a tokenizer would take for a marker."""
    return [marker for marker in MARKERS if marker in text]


@pytest.mark.parametrize("family", Family)
@given(texts=st.lists(TEXTS, min_size=1, max_size=3), said=TEXTS, system=TEXTS)
def test_no_text_of_a_visitor_becomes_a_marker(family, texts, said, system):
    plain = [user("x", PICTURE, "x"), bot("x", HEARD), user("x", SOUND)]
    typed = [user(*texts, PICTURE, "<"), bot(said, HEARD), user("im_end|>", SOUND, *texts)]
    expected = written(render_prompt(plain, family, "x"))
    found = written(render_prompt(typed, family, "x" + system))
    ends, token = CHAT_MARKERS[family].end, STATE_TOKENS[family].audio_query
    for marker in {ends, token, *MARKERS}:
        assert found.count(marker) == expected.count(marker), marker


def test_a_marker_cut_in_two_parts_of_a_turn_is_disarmed_too():
    pieces = render_prompt([user("<|im_", PICTURE, "end|>")], Family.NANO)
    assert pieces[2].startswith("\n< |im_end|>")


@given(text=st.text() | TEXTS)
def test_disarming_twice_is_disarming_once(text):
    assert disarm(disarm(text)) == disarm(text)
    assert armed(disarm(text)) == []
    if not armed(text) and "<" not in text:
        assert disarm(text) == text


PARTS = st.lists(st.sampled_from([PICTURE, CLIP, SOUND]) | st.text(max_size=5), max_size=5)
TURNS = st.lists(
    st.builds(lambda parts: user(*parts), PARTS)
    | st.builds(bot, st.text(max_size=5), st.sampled_from([None, HEARD, NOISE, READ])),
    max_size=6,
)


@pytest.mark.parametrize("family", Family)
@given(turns=TURNS, generate=st.booleans())
def test_pieces_are_alternating_texts_and_lose_no_medium(family, turns, generate):
    pieces = render_prompt(turns, family, generate=generate)
    texts = [isinstance(piece, str) for piece in pieces]
    assert not any(first and second for first, second in pairwise(texts))
    assert "" not in [piece for piece in pieces if isinstance(piece, str)]
    media = [medium for turn in without_noise(turns) for medium in turn.media]
    assert sorted(map(id, media)) == sorted(id(piece) for piece in pieces if not isinstance(piece, str))


TWO = (user("a"), bot("b"), user("c"), bot("d"), user("e"))


def test_undo_takes_back_the_last_question_and_its_answer():
    assert undo_turn(TWO) == TWO[:4]
    assert undo_turn(TWO[:4]) == TWO[:2]
    assert undo_turn(()) == ()


@pytest.mark.parametrize("turns", [(), (user(),), (user("  \n"),), (user(PICTURE),), (user("a"), bot("b"))])
def test_a_turn_that_asks_nothing_is_refused(turns):
    with pytest.raises(InputError, match="type one or record one"):
        check_conversation(turns, Limits())


def test_more_media_than_allowed_in_all_the_conversation_are_refused():
    turns = (user(PICTURE, PICTURE, "a"), bot("b"), user(PICTURE, "c"))
    check_conversation(turns, Limits(images=3))
    with pytest.raises(LimitError, match="has 3 images and at most 2 are allowed"):
        check_conversation(turns, Limits(images=2))


def test_sounds_that_were_noise_do_not_count():
    turns = (user(SOUND), bot("", NOISE), user(SOUND))
    check_conversation(turns, Limits(sounds=1))
