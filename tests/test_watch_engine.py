"""A watch asked of real engines with the embedded checkpoint: how its looks are asked, and what comes back."""

from __future__ import annotations

import math
from contextlib import aclosing
from pathlib import Path

import pytest
from PIL import Image

from vita.conversation import Turn
from vita.duplex.watch_asking import NamingAsking, UnwatchableError, YesNoAsking, asking_for, checked_goal
from vita.duplex.watch_goal import make_goal
from vita.engine.engine_protocol import Request, Sampling
from vita.media import Picture

EXAMPLES = Path(__file__).parents[1] / "demos/examples"
pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="session")]


def example(name: str) -> Picture:
    return Picture(Image.open(EXAMPLES / name).convert("RGB"))


async def looked(engines, asking, wanted: str, name: str):
    goal = make_goal(wanted)
    async with aclosing(engines.generate(asking.look_request(goal, example(name)))) as deltas:
        return await asking.read_answer(goal, deltas)


async def test_the_embedded_checkpoint_is_asked_what_it_sees_and_refuses_what_it_cannot_name(engines):
    asking = asking_for(engines.engines[0].config)
    assert isinstance(asking, NamingAsking)
    assert checked_goal(asking, make_goal("Tell me when you see a cat.")).subject == "a cat"
    with pytest.raises(UnwatchableError) as refused:
        checked_goal(asking, make_goal("somebody comes in"))
    assert refused.value.code == "watch_people"


@pytest.mark.parametrize(
    ("wanted", "name", "score"),
    [
        ("a cat", "cat.jpg", 1),
        ("a cat", "coffee.jpg", 0),
        ("a cup of coffee", "coffee.jpg", 1),
        ("a dog", "cat.jpg", 0),
    ],
)
async def test_what_it_names_is_what_is_seen(engines, wanted, name, score):
    asking = asking_for(engines.engines[0].config)
    found = await looked(engines, asking, wanted, name)
    assert found.score == score, found.said


async def test_a_question_by_yes_or_no_is_weighed_by_the_engine(engines):
    found = await looked(engines, YesNoAsking(), "a cat", "cat.jpg")
    assert math.isfinite(found.score)
    assert found.said.lower() in ("yes", "no")


async def test_choices_are_weighed_on_the_first_delta_alone_and_only_where_that_is_wanted(engines):
    turns = (Turn("user", ("Is the sky blue? Answer yes or no.",)),)

    async def weights(**more):
        request = Request(turns, Sampling(max_tokens=3, choices=("Yes", "No"), **more))
        return [delta.choice_logprobs async for delta in engines.generate(request)]

    first, *others = await weights(weighs_choices=True)
    assert set(first) == {"Yes", "No"}
    assert all(logprob < 0 for logprob in first.values())
    assert not any(others)
    assert not any(await weights())
