"""``python -m vita.speech.voice_trial``: a table of voices, one line each, English and (with a recogniser) Mandarin.

English is written down by the embedded checkpoint's recogniser. Mandarin needs a Whisper that knows it, in
transformers' layout: ``--mandarin FOLDER`` or its name on the Hub, such as openai/whisper-base. Times are of this
machine in its present state; compare them with each other.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vita.engine.engine_environment import let_threads_sleep
from vita.errors import CheckpointError
from vita.speech.synthesis import Voice
from vita.speech.voice_catalog import build_voice
from vita.speech.voice_trial.trial_measures import Recognise, compare_sentences, say_sentence
from vita.speech.voice_trial.trial_sentences import ENGLISH, MANDARIN


def main() -> int:
    """Say, recognise, print."""
    parser = argparse.ArgumentParser(prog="python -m vita.speech.voice_trial", description=__doc__.splitlines()[0])
    parser.add_argument("voices", nargs="*", default=["piper", "kokoro", "espeak"], help="voices by name")
    parser.add_argument("--model", default="", help="checkpoint whose own voice speaks as vita")
    parser.add_argument("--mandarin", default="", help="a multilingual Whisper; without one only English is tried")
    parser.add_argument("--sentences", type=int, default=100, help="at most so many of each language")
    parser.add_argument("--heard", action="store_true", help="print what was heard")
    arguments = parser.parse_args()
    let_threads_sleep()
    english = _embedded_recogniser()
    for name in arguments.voices:
        try:
            voice = build_voice(name, arguments.model)
        except CheckpointError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        _print_figures("English", voice, ENGLISH[: arguments.sentences], english, arguments.heard)
        if arguments.mandarin:
            mandarin = _whisper_recogniser(arguments.mandarin)
            _print_figures("Mandarin", voice, MANDARIN[: arguments.sentences], mandarin, arguments.heard)
    return 0


def _print_figures(language: str, voice: Voice, texts: Sequence[str], recognise: Recognise, heard: bool) -> None:
    asyncio.run(say_sentence(voice, texts[0]))  # what is loaded once
    spoken = [asyncio.run(say_sentence(voice, text)) for text in texts]
    if not sum(len(sentence.sound) for sentence in spoken):
        print(f"{language:8} {voice.name}: says nothing")
        return
    figures, written = compare_sentences(texts, spoken, recognise)
    print(
        f"{language:8} {voice.name}: error rate {figures.errors:.1%}, real-time factor {figures.factor:.2f}, processor "
        f"seconds a second {figures.busy:.2f}, first sound after {figures.first:.2f} s",
        flush=True,
    )
    for said, got in zip(texts, written, strict=True):
        if heard:
            print(f"    {said} -> {got}")


def _embedded_recogniser() -> Recognise:
    from vita.model.processing import Processor
    from vita.nano.build_checkpoint import build_nano

    sounds = Processor.from_checkpoint(build_nano()).sounds
    return lambda samples: str(sounds.transcribe(samples))


def _whisper_recogniser(name: str) -> Recognise:
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

    processor = WhisperProcessor.from_pretrained(name)
    model = WhisperForConditionalGeneration.from_pretrained(name)

    def recognise(samples: NDArray[np.float32]) -> str:
        features = processor(samples, sampling_rate=16_000, return_tensors="pt").input_features
        ids = model.generate(features, language="zh", task="transcribe", max_new_tokens=60)
        return str(processor.batch_decode(ids, skip_special_tokens=True)[0])

    return recognise


if __name__ == "__main__":
    sys.exit(main())
