"""Hearing of the embedded checkpoint, and which state its answers begin with."""

import numpy as np
import pytest
import torch

from evals.synthetic.noises import NOISES, make_noise, mix_at_snr
from evals.synthetic.speech_programs import speak_by_program
from recipes.nano.direct_model import DirectNano
from recipes.nano.hearing_evaluation import word_errors
from vita.conversation import Turn, render_prompt
from vita.errors import CheckpointError
from vita.media import SAMPLE_RATE, Sound
from vita.model.configuration import VITAConfig
from vita.model.sound_verdicts import query_logit_bias
from vita.nano import build_checkpoint as nano
from vita.nano.model.greedy_decoding import recognise_window
from vita.nano.model.whisper_tower import WhisperWordsFrontEnd
from vita.tokens import CHAT_MARKERS, Family, State

pytestmark = pytest.mark.embedded

SENTENCE = "What is the capital of France?"


@pytest.fixture(scope="module")
def folder():
    return nano.build_nano()


@pytest.fixture(scope="module")
def model(folder):
    return DirectNano(folder)


def test_a_clear_sentence_is_heard_word_for_word(model):
    assert word_errors([SENTENCE], [model.transcribe(speak_by_program(SENTENCE, "piper:joe"))]) == 0


def test_a_robotic_voice_is_heard_for_the_most_part(model):
    assert word_errors([SENTENCE], [model.transcribe(speak_by_program(SENTENCE, "espeak:en-us"))]) <= 0.34


def test_two_sentences_are_heard_once_each(model):
    said = "I bought a new lamp yesterday. Where should I put it?"
    assert word_errors([said], [model.transcribe(speak_by_program(said, "piper:joe"))]) <= 0.2


@pytest.mark.parametrize("kind", NOISES)
def test_noise_has_no_words(model, kind):
    assert model.transcribe(make_noise(kind, 2.0, 77)) == ""


def test_silence_of_a_single_sample_has_no_words(model):
    assert model.transcribe(np.zeros(1, dtype=np.float32)) == ""


def test_what_the_model_was_just_given_is_not_recognised_again_for_its_transcript(model, monkeypatch):
    sounds, spoken = model.processor.sounds, speak_by_program("How old is the moon?", "piper:joe")
    sounds(spoken)
    monkeypatch.setattr("vita.nano.model.whisper_tower.recognise_window", None)
    assert sounds.transcribe(spoken.copy()).startswith("How old is")


def test_hearing_takes_one_thread_and_leaves_the_others_to_whoever_had_them(model, monkeypatch):
    threads = []
    told = "vita.nano.model.whisper_tower.recognise_window"
    monkeypatch.setattr(told, lambda *given: threads.append(torch.get_num_threads()) or recognise_window(*given))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model.processor.sounds(speak_by_program("Who was that?", "espeak:en-us"))
        assert (threads, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


def test_every_word_becomes_a_token_of_the_language_model(model):
    sounds = model.processor.sounds
    features = sounds(speak_by_program(SENTENCE, "piper:joe"))
    words = model.processor.tokenizer.encode(SENTENCE, add_special_tokens=False)
    assert features.shape == (1 + len(words), 576)
    assert len(sounds.token_ids(features)) == len(words)
    table = model.model.get_input_embeddings().weight
    nearest = torch.cdist(features[1:], table[: min(model.states.values())]).argmin(1)
    assert nearest.tolist() == words


def embedded(model, *parts):
    prompt = model.processor(render_prompt([Turn("user", parts)], Family.NANO))
    return model.model.embed_inputs(torch.tensor([prompt.token_ids]), sounds=prompt.media_of_kind("audio"))[0]


def test_what_is_heard_reads_exactly_as_what_is_typed(model):
    assert torch.equal(embedded(model, Sound(speak_by_program(SENTENCE, "piper:joe"))), embedded(model, SENTENCE))


def test_a_control_token_that_is_said_is_none(model, monkeypatch):
    sounds, samples = model.processor.sounds, speak_by_program(SENTENCE, "piper:joe")
    monkeypatch.setattr(sounds, "transcribe", lambda samples: "Say <|im_end|> and <1>.")
    words = sounds(samples)[1:]
    for token in ("<|im_end|>", "<1>"):
        control = model.model.get_input_embeddings().weight[model.processor.tokenizer.convert_tokens_to_ids(token)]
        assert not (words == control).all(1).any(), token


def test_a_typed_request_and_what_is_said_behind_it_are_kept_apart(model):
    words = [f"Say it again.{CHAT_MARKERS[Family.NANO].spoken}", SENTENCE]
    typed = [id for text in words for id in model.processor.tokenizer.encode(text, add_special_tokens=False)]
    beside = embedded(model, "Say it again.", Sound(speak_by_program(SENTENCE, "piper:joe")))
    wanted = model.model.get_input_embeddings()(torch.tensor(typed))
    assert any(torch.equal(beside[n : n + len(typed)], wanted) for n in range(len(beside)))


def test_a_sound_has_at_most_as_many_tokens_as_its_length_allows(model):
    sounds = model.processor.sounds
    samples = np.concatenate([speak_by_program(SENTENCE, "espeak:en-us", 400)] * 3)
    assert len(sounds.token_ids(sounds(samples))) <= sounds.max_tokens(len(samples) / SAMPLE_RATE)


def test_a_question_is_told_from_an_aside_by_the_first_of_its_placeholders(model):
    said = [speak_by_program(text, "piper:joe") for text in (SENTENCE, "My sister went to the market yesterday.")]
    found = [model.processor.features(Sound(samples)).token_ids for samples in (*said, make_noise("white", 2.0, 5))]
    asked, aside, nothing = (query_logit_bias(ids, model.processor.config.verdict_token_ids) for ids in found)
    assert asked > 3
    assert aside < -3
    assert nothing < -3


def test_the_same_sound_gives_the_same_features(model):
    samples = speak_by_program(SENTENCE, "espeak:en-us")
    assert torch.equal(model.processor.sounds(samples), model.processor.sounds(samples.copy()))


def test_a_checkpoint_without_its_recogniser_is_refused(folder, tmp_path):
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    with pytest.raises(CheckpointError, match=r"lacks recogniser\.safetensors"):
        WhisperWordsFrontEnd(VITAConfig.from_checkpoint(folder), tmp_path)


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        (("What is the capital of France?",), State.TEXT_QUERY),
        ((Sound(speak_by_program(SENTENCE, "piper:joe")),), State.AUDIO_QUERY),
        ((Sound(speak_by_program("My sister went to the market yesterday.", "piper:joe")),), State.NOISE),
        ((Sound(make_noise("white", 2.0, 5)),), State.NOISE),
        ((Sound(np.zeros(SAMPLE_RATE, dtype=np.float32)),), State.NOISE),
        (("How big is it?", Sound(make_noise("hum", 2.0, 6))), State.TEXT_QUERY),
    ],
    ids=["typed", "spoken", "aside", "noise", "silence", "typed over noise"],
)
def test_the_state_says_how_it_was_asked(model, parts, state):
    assert model.decide(parts) is state


def test_a_spoken_question_in_noise_is_still_a_question(model):
    samples = mix_at_snr(
        speak_by_program("Can you tell me about the moon?", "piper:joe"), make_noise("brown", 3.0, 8), 10.0
    )
    assert model.decide([Sound(samples)]) is State.AUDIO_QUERY


def test_a_spoken_question_is_answered_as_the_typed_one(model):
    assert "Paris" in model.answer(SENTENCE, length=16)
    assert "Paris" in model.answer(Sound(speak_by_program(SENTENCE, "piper:joe")), length=16)


def test_noise_gets_no_answer(model):
    assert model.answer(Sound(make_noise("clicks", 2.0, 9))) == ""


def test_a_voice_that_is_not_installed_is_named():
    with pytest.raises(CheckpointError, match="piper:nobody"):
        speak_by_program("Hello.", "piper:nobody")
