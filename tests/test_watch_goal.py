"""What a visitor wants to be told of is read from the sentence that asks for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.duplex.watch_goal import WatchGoal, ends_watch, find_watch_request, make_goal, promise_sentence


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("Tell me when you see a dog.", "a dog"),
        ("Please let me know as soon as a red car appears!", "a red car"),
        ("Could you tell me when somebody comes in?", "somebody"),
        ("tell me once there is a bird in the picture", "a bird in the picture"),
        ("Watch for a cup of coffee", "a cup of coffee"),
        ("Keep an eye out for my cat.", "my cat"),
        ("有人进来时告诉我。", "有人"),
        ("看到狗的时候提醒我一下", "狗"),
        ("如果看见猫就告诉我", "猫"),
        ("帮我留意门口", "门口"),
    ],
)
def test_a_sentence_that_asks_for_a_watch_says_what_is_to_be_seen(said, subject):
    request = find_watch_request(said)
    assert request
    assert (request.goal.subject, request.repeat) == (subject, False)


@pytest.mark.parametrize("said", ["Tell me every time you see a cat.", "每次看到猫都告诉我"])
def test_each_time_asks_for_more_than_one(said):
    request = find_watch_request(said)
    assert request
    assert request.repeat


@pytest.mark.parametrize(
    "said",
    [
        "Tell me when the war ended.",
        "Tell me if this is right.",
        "What do you see?",
        "When you see a dog, what do you feel?",
        "I watch for fun.",
        "你看到了什么?",
        "告诉我今天的天气",
        "",
    ],
)
def test_a_question_is_no_watch(said):
    assert find_watch_request(said) is None


@pytest.mark.parametrize(
    ("named", "goal"),
    [
        ("a dog", WatchGoal("a dog", "a dog")),
        (" a  dog. ", WatchGoal("a dog", "a dog")),
        ("somebody comes in", WatchGoal("somebody comes in", "somebody")),
        ("Tell me when you see a dog.", WatchGoal("you see a dog", "a dog")),
        ("the light turns green", WatchGoal("the light turns green", "the light turns green")),
    ],
)
def test_words_that_name_a_thing_are_a_goal_with_or_without_the_request(named, goal):
    assert make_goal(named) == goal


@pytest.mark.parametrize(
    ("said", "ends"), [("Stop watching.", True), ("Please stop looking", True), ("别盯了", True), ("Stop!", False)]
)
def test_a_watch_is_ended_by_saying_so(said, ends):
    assert ends_watch(said) is ends


@pytest.mark.parametrize(
    ("said", "promise"),
    [
        ("Tell me when you see my dog.", "OK, I will tell you when I see your dog."),
        ("Tell me when you see my cat behind me", "OK, I will tell you when I see your cat behind you."),
        ("Tell me when you see a coal mine", "OK, I will tell you when I see a coal mine."),
        ("看到我的狗就告诉我", "好的，看到你的狗我就告诉你。"),
    ],
)
def test_what_is_the_visitors_is_promised_as_the_visitors(said, promise):
    assert promise_sentence(make_goal(said)) == promise


@given(st.text(max_size=120))
def test_no_sentence_is_too_strange(said):
    goal = make_goal(said)
    assert goal.text == goal.text.strip()
    ends_watch(said)
    find_watch_request(said)
