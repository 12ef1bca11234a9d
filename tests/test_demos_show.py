"""The page's own HTML, and its words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demos.i18n.chinese.errors_chinese import NOTES_CHINESE
from demos.i18n.translation import WORDS, say_in, words_table
from demos.page_html import (
    badge_html,
    engine_strip_html,
    facts_html,
    footer_html,
    heard_html,
    typed_html,
)
from demos.picture_facts import ImagePreprocessing, lens_of
from demos.seen_media import seen_media_html
from demos.visitor_conversation import (
    AnswerPhase,
    ChatExchange,
    ChatOptions,
    VisitorAnswer,
    VisitorQuestion,
    own_usage,
    prompt,
)
from tests.fakes import FakeEngine
from vita.engine.engine_protocol import Stage, Status, Usage
from vita.media import Clip, Picture, Sound
from vita.model.tiling import Tiling
from vita.tokens import State

USAGE = Usage(
    prompt_tokens=400, image_tokens=256, video_tokens=0, audio_tokens=44, cached_tokens=64, completion_tokens=9
)
DONE = VisitorAnswer("Text.", State.AUDIO_QUERY, AnswerPhase.DONE, "stop", USAGE, "engine-1", 9, 0.512, 15.25)


def picture(width: int, height: int) -> Picture:
    return Picture(Image.new("RGB", (width, height), "teal"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.AUDIO_QUERY, "query by voice"),
        (State.NOISE, "not addressed to me"),
        (State.TEXT_QUERY, "query by text"),
        (None, "no state token"),
    ],
)
def test_the_badge_says_the_state_in_words(state, words):
    assert words in badge_html(VisitorAnswer(state=state, phase=AnswerPhase.WRITING), "en")


def test_noise_is_explained_under_its_badge():
    assert "no question to me" in badge_html(VisitorAnswer(state=State.NOISE, phase=AnswerPhase.DONE), "en")


def test_a_question_that_waits_says_for_what_and_how_far_it_is():
    html = badge_html(VisitorAnswer(phase=AnswerPhase.LOADING, loaded=0.42), "en")
    assert "still loading (42 %)" in html


def test_facts_have_pace_tokens_by_modality_and_the_engine():
    html = facts_html(DONE, "en")
    for fact in ("0.51 s to first token", "15.2 tokens/s", "prompt 400 tokens", "text 100", "image 256", "sound 44"):
        assert fact in html
    assert "engine-1" in html
    assert "video" not in html


@pytest.mark.parametrize(("finish", "mark"), [("abort", "stopped"), ("length", "longest answer"), ("stop", None)])
def test_facts_say_why_an_answer_ended_early(finish, mark):
    html = facts_html(VisitorAnswer("a", State.TEXT_QUERY, AnswerPhase.DONE, finish), "en")
    assert ('class="mark"' in html) is (mark is not None)
    assert mark is None or mark in html


def test_an_answer_that_reached_its_length_can_go_on_where_it_is_the_last_one():
    cut = VisitorAnswer("a", State.TEXT_QUERY, AnswerPhase.DONE, "length")
    assert "Go on" in facts_html(cut, "en", can_go_on=True)
    assert "Go on" not in facts_html(cut, "en")
    assert "Go on" not in facts_html(DONE, "en", can_go_on=True)


def test_what_was_said_and_typed_is_shown_as_it_is():
    odd = "<b>$5</b> & #"
    assert '<div class="typed">&lt;b&gt;$5&lt;/b&gt; &amp; #</div>' in typed_html(odd, 3, "en")
    assert 'data-exchange="3"' in typed_html(odd, 3, "en")
    assert heard_html(odd, "en") == '<div class="typed heard">“&lt;b&gt;$5&lt;/b&gt; &amp; #”</div>'


def test_a_picture_is_drawn_with_the_lines_of_its_tiles():
    html = seen_media_html(
        [picture(900, 450)], ["wide.jpg"], ImagePreprocessing(Tiling(448, 1, 12)).with_tile_limit(2), "en"
    )
    assert html.count('class="v"') == 1
    assert html.count('class="h"') == 0
    assert "2 × 1 tiles" in html


def test_fewer_tiles_in_the_settings_are_fewer_tiles_in_the_drawing():
    assert "seen whole" in seen_media_html(
        [picture(900, 450)], ["wide.jpg"], ImagePreprocessing(Tiling(448, 1, 12)).with_tile_limit(1), "en"
    )


def test_a_checkpoint_that_sees_the_centre_alone_has_it_outlined():
    html = seen_media_html([picture(400, 200)], ["wide.jpg"], ImagePreprocessing(None), "en")
    assert "the centre square" in html
    assert "left:25.00%;top:0.00%;width:50.00%;height:100.00%" in html


def test_a_clip_shows_every_frame_with_its_time():
    frames = tuple(Image.new("RGB", (64, 48)) for _ in range(3))
    html = seen_media_html([Clip(frames, (0.0, 1.0, 2.0), 2.5)], ["a.mp4"], None, "en")
    assert html.count("<img") == 3
    assert re.findall(r"<span>(.*?)</span>", html) == ["0.0 s", "1.0 s", "2.0 s"]
    assert "3 frames of 2.5 s" in html


def test_a_waveform_is_high_where_the_sound_is_loud():
    samples = np.concatenate([np.full(8000, 0.01), np.full(8000, 0.8)]).astype(np.float32)
    heights = [
        float(h) for h in re.findall(r'height="([\d.]+)" rx', seen_media_html([Sound(samples)], ["a.wav"], None, "en"))
    ]
    assert max(heights[: len(heights) // 2 - 1]) < 3
    assert min(heights[len(heights) // 2 + 1 :]) > 39


def test_silence_and_single_samples_have_a_waveform_too():
    for samples in (np.zeros(16_000, np.float32), np.ones(1, np.float32)):
        assert "<svg" in seen_media_html([Sound(samples)], ["a.wav"], None, "en")


def test_names_that_visitors_choose_are_escaped():
    html = seen_media_html([picture(8, 8)], ['"><script>alert(1)</script>.png'], None, "en")
    assert "<script" not in html
    assert '"><' not in html.replace('"><figcaption', "").split("<figcaption")[0].split("alt=")[1][:20]


def test_the_footer_folds_out_with_the_tokens_of_this_question_alone():
    before = ChatExchange(VisitorQuestion("a"), answer=DONE)
    now = Usage(700, 512, 0, 44, 0, 5)
    own = own_usage([before], now)
    assert (own.image_tokens, own.audio_tokens) == (256, 0)
    html = footer_html(DONE, "<figure></figure>", own, "en")
    assert "image 256" in html.split("<details")[1]
    assert "sound" not in html.split("<summary>")[1]


def test_the_strip_says_what_each_engine_is_at_and_why_one_failed():
    loading = Status("a", Stage.LOADING, 0.3, "Reading weights, 25%.")
    statuses = [loading, Status("b", Stage.FAILED, 0, "<no memory>."), Status("c", Stage.READY, 1, "Ready.")]
    html = engine_strip_html(statuses, "nano", "en")
    assert "width:30%" in html
    assert ">Reading weights</em>" in html
    assert ">30 %<" in html
    assert ">&lt;no memory&gt;</em>" in html
    assert ">failed<" in html
    assert ">Ready<" not in html
    assert ">VITA-Nano</span>" in html
    assert ">读取权重</em>" in engine_strip_html(statuses, "org/VITA-1.5", "zh")
    assert ">VITA-1.5</span>" in engine_strip_html(statuses, "org/VITA-1.5", "zh")


def test_everything_that_an_engine_is_at_has_its_chinese():
    source = Path("vita/engine/local_engine.py").read_text()
    said = re.findall(r'(?:_set_status\(|note = |note=).*?"([A-Z][^"{]*?)[.,"]', source) + re.findall(
        r'else "([A-Z].*?)\."', source
    )
    assert {"Reading weights", "Reserving memory", "Warming up"} <= set(said)
    assert set(said) == set(NOTES_CHINESE)


def test_a_prompt_has_all_turns_and_ends_with_the_question():
    first = ChatExchange(VisitorQuestion("One?", ("a.jpg",)), ("picture",), answer=DONE)
    shown = picture(4, 4)
    turns = prompt([first], ChatExchange(VisitorQuestion("  Two? ")), lambda asked: [shown] * len(asked.kinds))
    assert [turn.role for turn in turns] == ["user", "assistant", "user"]
    assert turns[0].media == (shown,)
    assert turns[1].state is State.AUDIO_QUERY
    assert turns[2].text == "Two?"


def test_options_become_sampling():
    sampling = ChatOptions(temperature=0.5, top_p=0.9, max_tokens=7, seed=1).sampling_options
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens, sampling.seed) == (0.5, 0.9, 7, 1)


def test_engines_without_a_configuration_have_no_lens():
    assert lens_of([FakeEngine()]) is None


def test_every_key_that_the_page_uses_has_words():
    source = "".join(
        path.read_text() for path in Path("demos").rglob("*.py") if path.parent.name not in ("i18n", "evaluation")
    )
    used = set(re.findall(r'(?:i18n|say_in)\(\s*"([\w.]+)"', source)) | set(
        re.findall(r'ExampleQuestion\("([\w.]+)"', source)
    )
    assert len(used) > 25
    assert used <= set(WORDS["en"])


def test_sentences_are_filled_in():
    assert say_in("phase.reading", "zh", seconds=3) == "正在读题…… 3 秒"
    assert words_table("zh")["settings"] == "设置"
