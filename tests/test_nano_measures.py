"""The rules by which the embedded checkpoint is judged, and the data for it."""

import csv

import numpy as np
import pytest
import soundfile

from evals.conversation import caller_sounds
from evals.synthetic.noises import NOISES, across_room, make_noise, mix_at_snr
from evals.synthetic.speech_programs import EVALUATION, TRAINING
from evals.synthetic.utterances import aside_sentences, fill_templates, query_sentences, sentence_templates
from recipes.nano import hearing_evaluation
from recipes.nano.train.requests import NODS, ORDERS, REQUESTS
from vita.conversation import Part
from vita.media import SAMPLE_RATE, Sound
from vita.tokens import State


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("The cat sat.", "the cat sat", 0.0),
        ("The cat sat.", "the cat", 1 / 3),
        ("Mr. Smith's dog", "mister smith's dog", 0.0),
        ("well-known", "well known", 0.0),
        ("one two", "", 1.0),
    ],
)
def test_word_errors_count_words_alone(said, heard, errors):
    assert hearing_evaluation.word_errors([said], [heard]) == pytest.approx(errors)


def test_word_errors_are_over_all_sentences_together():
    assert hearing_evaluation.word_errors(["a b c", "d"], ["a b c", "e"]) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("text", "facts", "stated"),
    [
        ("It is Paris.", ("paris",), True),
        ("Comparison", ("paris",), False),
        ("There are 7 days.", ("seven", "7"), True),
        ("There are 17 days.", ("seven", "7"), False),
        ("", ("paris",), False),
    ],
)
def test_a_fact_is_stated_as_words_of_its_own(text, facts, stated):
    assert hearing_evaluation.states_fact(text, facts) is stated


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Paris.", "The capital is Paris.", True),
        ("Paris.", "It is Lyon.", False),
        ("The answer is unknown today", "unknown answer, sorry", True),
        ("The answer is unknown today", "nothing comes close", False),
        ("", "", False),
    ],
)
def test_two_answers_mean_the_same_by_fact_or_else_by_their_words(one, other, same):
    assert hearing_evaluation.same_meaning(one, other, ("paris",)) is same


def test_training_and_evaluation_share_no_sentence_and_no_voice():
    for kind in (query_sentences, aside_sentences):
        assert not set(kind("train", 400, 1)) & set(kind("test", 400, 1))
    assert not set(TRAINING) & set(EVALUATION)


def test_sentences_are_the_same_for_a_seed_and_others_for_another():
    assert query_sentences("test", 30, 1) == query_sentences("test", 30, 1)
    assert query_sentences("test", 30, 1) != query_sentences("test", 30, 2)


def test_no_sentence_keeps_a_gap():
    every = [
        text
        for split in ("train", "test")
        for kind in (query_sentences, aside_sentences)
        for text in kind(split, 300, 3)
    ]
    assert not [text for text in every if "{" in text or "}" in text]


@pytest.mark.parametrize("kind", NOISES)
def test_a_noise_is_the_same_for_a_seed(kind):
    assert np.array_equal(make_noise(kind, 0.5, 4), make_noise(kind, 0.5, 4))
    assert not np.array_equal(make_noise(kind, 0.5, 4), make_noise(kind, 0.5, 5))


def test_speech_across_a_room_is_as_loud_and_comes_in_good_part_by_way_of_the_walls():
    click = np.zeros(1600, dtype=np.float32)
    click[100] = 0.5
    heard = across_room(click, np.random.default_rng(3))
    assert np.abs(heard).max() == pytest.approx(0.5, abs=1e-6)
    assert not np.any(heard[:99]), "nothing is heard before it is said"
    shares = [_walls(across_room(click, np.random.default_rng(seed))) for seed in range(20)]
    assert 0.5 < np.mean(shares) < 0.8


def _walls(heard):
    """Share of the energy behind the click."""
    return 1 - heard[100] ** 2 / np.sum(heard**2)


def test_noise_is_mixed_at_the_ratio_asked_for():
    speech = np.sin(np.arange(SAMPLE_RATE) / 10).astype(np.float32)
    behind = mix_at_snr(speech, make_noise("white", 0.3, 1), 10.0) - speech
    assert 10 * np.log10(np.mean(speech**2) / np.mean(behind**2)) == pytest.approx(10, abs=0.1)


def test_every_question_has_a_fact():
    asked = hearing_evaluation.spoken_questions()
    assert len({question for question, _ in asked}) == len(asked) >= 60
    assert all(facts and all(fact == fact.lower().strip() for fact in facts) for _, facts in asked)


def test_state_figures_count_each_kind_of_error():
    def always_a_question(parts: tuple[Part, ...]) -> State:
        return State.AUDIO_QUERY if isinstance(parts[0], Sound) else State.TEXT_QUERY

    figures = hearing_evaluation.state_metrics(always_a_question, 8)
    assert figures == {"state_accuracy": 6 / 12, "false_wake": 1.0, "missed_query": 0.0}
    figures = hearing_evaluation.state_metrics(lambda parts: State.NOISE, 8)
    assert figures == {"state_accuracy": 6 / 12, "false_wake": 0.0, "missed_query": 1.0}


def test_repeating_is_judged_on_the_answer_alone():
    spoken = hearing_evaluation.spoken_sentences(4)
    texts = iter([f'"{text}"' for text, _ in spoken])
    assert hearing_evaluation.repeat_error_rate(lambda *parts, length: next(texts), spoken) == 0
    assert hearing_evaluation.repeat_error_rate(lambda *parts, length: "", spoken) == 1


def test_talking_is_relative_to_the_original():
    facts = dict(hearing_evaluation.spoken_questions())
    assert (
        hearing_evaluation.stated_facts_ratio(
            lambda question: facts[question][0], lambda question: facts[question][-1], 10
        )
        == 1
    )
    assert hearing_evaluation.stated_facts_ratio(lambda question: "", lambda question: facts[question][0], 10) == 0


def test_recordings_are_read_at_the_rate_of_the_model(tmp_path):
    soundfile.write(tmp_path / "one.wav", np.zeros((4000, 2), dtype=np.float32), 8000)
    with (tmp_path / "transcripts.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "transcript"), ("one.wav", "Nothing.")])
    ((text, samples),) = hearing_evaluation.people_recordings(tmp_path)
    assert text == "Nothing."
    assert samples.shape == (SAMPLE_RATE // 2,)


def test_templates_take_turns_and_their_slots_are_filled():
    made = fill_templates(["Look, a {animal}.", "Hello."], "train", 6, 4)
    assert made.count("Hello.") == 3
    assert sum(text.startswith("Look, a ") and "{" not in text for text in made) == 3


@pytest.mark.parametrize("lines", [REQUESTS, ORDERS, NODS])
def test_lines_for_training_are_none_of_the_evaluation(lines):
    assert len(set(lines)) == len(lines)
    assert not {*lines} & {
        *sentence_templates("query", "test"),
        *sentence_templates("aside", "test"),
        *caller_sounds.NODS,
    }
