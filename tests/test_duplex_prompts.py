"""What is forgotten stays forgotten whatever comes and goes around it, and what is forgotten takes up no room."""

from __future__ import annotations

import gc
from weakref import WeakSet

import numpy as np
import pytest
from PIL import Image

from tests.duplex_world import World, run
from tests.test_duplex_session import NOISE, STORY, engines, settings
from vita.duplex import conversation_events as e
from vita.duplex.context_window import ContextWindow
from vita.duplex.conversation_history import HistoryItem, UserItem, Utterance
from vita.engine.engine_protocol import Sampling
from vita.errors import PromptTooLongError
from vita.media import Limits, Picture, Sound


def sound(utterance: Utterance) -> Sound:
    return Sound(np.zeros(utterance.end - utterance.begin, np.float32))


def picture() -> Picture:
    return Picture(Image.new("RGB", (2, 2)))


def spoken(count: int) -> tuple[HistoryItem, ...]:
    """So many utterances; the n-th is n + 1 samples long, so that it is known again."""
    return tuple(UserItem(f"u{n}", (Utterance(0, n + 1),)) for n in range(count))


def lengths(prompts: ContextWindow, items: tuple[HistoryItem, ...]) -> list[int | str]:
    parts = [part for turn in prompts.answer(items, ()).turns for part in turn.parts]
    return [len(part.samples) if isinstance(part, Sound) else str(part) for part in parts]


def nine_spoken() -> tuple[ContextWindow, tuple[HistoryItem, ...]]:
    """A prompt of nine utterances of which the first four were forgotten."""
    prompts, items = ContextWindow(sound, Limits(sounds=8)), spoken(9)
    assert lengths(prompts, items) == [5, 6, 7, 8, 9]
    return prompts, items


@pytest.mark.parametrize(
    ("deleted", "left"), [((0, 1, 2, 3), [5, 6, 7, 8, 9]), ((0, 6), [5, 6, 8, 9]), ((4, 5, 6, 7), [9])]
)
def test_taking_items_out_hides_no_others(deleted, left):
    prompts, items = nine_spoken()
    assert lengths(prompts, tuple(item for n, item in enumerate(items) if n not in deleted)) == left


def test_what_is_put_in_front_of_the_others_is_read():
    prompts, items = nine_spoken()
    assert lengths(prompts, (UserItem("first", ("I am Ada.",)), *items)) == ["I am Ada.", 5, 6, 7, 8, 9]


def test_a_context_beside_the_conversation_has_nothing_forgotten_and_forgets_nothing_in_it():
    prompts, items = nine_spoken()
    prompts.sampling, prompts.system = Sampling(max_tokens=7), "Be brief."
    beside = prompts.afresh()
    request = beside.answer((UserItem("u0", ("Is this spam?",)),), ())
    assert [turn.text for turn in request.turns] == ["Is this spam?"]
    assert (request.system, request.sampling.max_tokens) == ("Be brief.", 7)
    assert lengths(beside, tuple(reversed(items))) == [5, 4, 3, 2, 1]
    assert lengths(prompts, items) == [5, 6, 7, 8, 9]


def test_a_name_that_was_forgotten_and_given_up_is_read_when_it_is_given_again():
    prompts, items = nine_spoken()
    prompts.keep(items[1:])
    assert lengths(prompts, (UserItem("u0", ("New.",)), *items[4:])) == ["New.", 5, 6, 7, 8, 9]


def test_pictures_that_faded_stay_so_when_items_before_them_go_and_new_ones_are_seen():
    prompts = ContextWindow(sound, Limits(images=2))
    items = tuple(UserItem(f"p{n}", (picture(), f"Look {n}.")) for n in range(6))
    assert [isinstance(part, Picture) for part in prompts.answer(items, ()).turns[0].parts].count(True) == 2
    front = UserItem("front", (picture(), "Look."))
    parts = prompts.answer((*items[2:5], front), ()).turns[0].parts
    assert [part for part in parts if isinstance(part, Picture)] == [items[4].parts[0], front.parts[0]]


def test_a_history_that_is_too_long_loses_its_older_half_for_good():
    prompts, asked = ContextWindow(sound, Limits()), []

    async def engine(_, request):
        asked.append(len(request.turns[0].parts))
        if len(request.turns[0].parts) > 2:
            raise PromptTooLongError(100, 50)
        yield None

    async def story() -> None:
        for items in (texts, texts[1:]):
            async for _ in prompts.fitting(engine, 0, items, lambda items: prompts.answer(items, ())):
                pass

    texts = tuple(UserItem(f"t{n}", (f"{n}",)) for n in range(4))
    run(story())
    assert asked == [4, 2, 2]


def test_the_media_that_no_request_will_hold_again_are_named():
    prompts = ContextWindow(sound, Limits(images=1, sounds=2))
    recorded = tuple(UserItem(f"r{n}", (sound(Utterance(0, 5)),)) for n in range(3))
    seen = tuple(UserItem(f"p{n}", (picture(),)) for n in range(2))
    assert prompts.keep((*recorded, *seen)) == e.Faded(("p0",), ("r0", "r1", "r2"))


class Kept:
    """The sounds that a session has taken from what it heard and not let go of."""

    def __init__(self, world: World) -> None:
        self.sounds: WeakSet[Sound] = WeakSet()
        self.world = world
        world.driver.context = ContextWindow(self.hear, Limits())

    def hear(self, utterance: Utterance) -> Sound:
        heard = self.world.driver.audio_input.sound_of(utterance)
        self.sounds.add(heard)
        return heard

    def seconds(self) -> float:
        for engine in self.world.engines:
            engine.requests.clear()
        gc.collect()
        return sum(heard.duration for heard in self.sounds)


def test_noise_that_was_judged_leaves_no_sound_behind():
    async def story(world: World) -> float:
        async with world:
            kept = Kept(world)
            for _ in range(20):
                await world.speech(1.0)
                await world.sound(2.0)
            return kept.seconds()

    assert run(story(World(engines(NOISE), settings()))) == 0


def test_a_noise_that_does_not_end_is_kept_once_and_not_once_for_each_look_at_it():
    async def story(world: World) -> float:
        async with world:
            kept = Kept(world)
            world.type("Tell me a story.")
            await world.sound(2.0)
            await world.speech(10.0)
            return kept.seconds()

    assert run(story(World(engines(NOISE, STORY * 3), settings(probe=16_000)))) <= 11


def test_pictures_that_no_prompt_shows_any_more_are_let_go():
    async def story(world: World) -> tuple[int, list[str]]:
        async with world:
            seen: WeakSet[Picture] = WeakSet()
            for n in range(30):
                shown = picture()
                seen.add(shown)
                world.driver.post_event(e.HistoryItemAdded(UserItem(f"p{n}", (shown, f"Look {n}."))))
                del shown
                await world.sound(0.1)
            world.heard.clear()
            gc.collect()
            return len(seen), [str(item.parts[-1]) for item in world.driver.state.items]

    world = World(engines(), settings())
    count, texts = run(story(world))
    assert count <= Limits().images
    assert texts == [f"Look {n}." for n in range(30)]
