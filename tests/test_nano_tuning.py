"""What the language model is tuned on: tiles as in a prompt, lessons about captions, answers that must stay."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from recipes.nano.train import lesson_run
from recipes.nano.train.lesson_run import LESSONS, CaptionSchool, KeptConversation, answers_to_keep
from recipes.nano.train.lessons import Lesson
from recipes.nano.train.training_loop import TrainingPlan
from recipes.nano.train.tune import (
    PADDING,
    Sample,
    add_low_rank,
    answer_loss,
    caption_tile,
    keep_loss,
    lesson_sample,
    tune_model,
)
from vita.tokens import State

KINDS = 260  # tokens of the small model


class Letters:
    """A tokenizer with a token for each character."""

    eos_token_id = 2

    def encode(self, text, add_special_tokens=False):
        return [ord(letter) % KINDS for letter in text]


class Small(nn.Module):
    """A language model of one projection, as far as tuning looks at it."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.table = nn.Embedding(KINDS, 16)
        self.q_proj = nn.Linear(16, 16)
        self.lm_head = nn.Linear(16, KINDS)

    def model(self, input_ids):
        return SimpleNamespace(last_hidden_state=torch.tanh(self.q_proj(self.table(input_ids))))


@pytest.mark.parametrize(("padding", "length"), [(0.0, 1 + 7), (1.0, PADDING)])
def test_a_tile_is_a_caption_behind_newlines(padding, length):
    ids = caption_tile("A dog.", Letters(), padding)
    assert len(ids) == length
    assert ids[-7:] == [ord(letter) for letter in " A dog."]
    assert set(ids[:-7]) == {ord("\n")}


def test_a_long_caption_still_stands_behind_a_newline():
    assert caption_tile("x" * 80, Letters(), 1.0)[0] == ord("\n")


def test_a_conversation_shows_all_tiles_and_learns_its_answers_alone():
    lesson = Lesson(("A cat.", "It moves."), (("What is it?", "A cat."), ("And now?", "It moves.")))
    made = lesson_sample(lesson, Letters(), State.TEXT_QUERY, padding=0.0)
    text = "".join(map(chr, made.ids))
    assert "user\n\n A cat.\n It moves.\nWhat is it?" in text
    learnt = "".join(chr(token) for token, learn in zip(made.ids, made.learnt, strict=True) if learn)
    assert learnt == "A cat.<|im_end|>It moves.<|im_end|>"
    assert text.count("<3>") == 2


def test_samples_of_other_lengths_do_not_change_a_loss():
    model = Small()
    short = Sample([5, 6, 7], [False, True, True])
    long = Sample(list(range(20, 40)), [False] * 10 + [True] * 10)
    apart = [answer_loss(model, [one]).item() for one in (short, long)]
    assert answer_loss(model, [short, long]).item() == pytest.approx((2 * apart[0] + 10 * apart[1]) / 12, rel=1e-4)


def test_what_is_kept_costs_nothing_until_the_model_changes():
    model = Small()
    added = add_low_rank(model)
    kept = [Sample([5, 6, 7, 8], [False, True, True, True])]
    assert keep_loss(model, added, kept).item() == pytest.approx(0, abs=1e-6)
    nn.init.ones_(added["q_proj"].up)
    assert keep_loss(model, added, kept).item() > 0.01


def test_tuning_learns_its_lessons_and_gives_what_the_build_merges(tmp_path):
    model = Small()
    lesson = Sample([5, 6, 7, 8, 9], [False, True, True, True, True])
    before = answer_loss(model, [lesson]).item()
    school = SimpleNamespace(caption_lessons=lambda rng: [lesson], kept_conversations=lambda rng: [])
    tensors = tune_model(model, school, TrainingPlan(40, 0.05, warm=2), tmp_path / "tuned.pt")
    assert set(tensors) == {"tuned.q_proj.down", "tuned.q_proj.up"}
    assert answer_loss(model, [lesson]).item() < before - 1


@pytest.fixture
def school(monkeypatch):
    monkeypatch.setattr(lesson_run, "language_vocabulary", lambda: ["Ġopen", "Ġseven", "Ġtable", "Ġwindow"])
    return CaptionSchool(Letters(), [KeptConversation([1, 2, 3], [4, 5])])


def test_each_step_has_lessons_of_seeing_and_one_of_repeating(school):
    assert {len(school.caption_lessons(np.random.default_rng(seed))) for seed in range(8)} == {LESSONS + 1}


def test_the_same_step_gives_the_same_lessons(school):
    assert school.caption_lessons(np.random.default_rng(3)) == school.caption_lessons(np.random.default_rng(3))


def test_a_kept_answer_counts_with_its_state_token():
    assert KeptConversation([1, 2, 3], [4, 5]).as_sample == Sample([1, 2, 3, 4, 5], [False, False, True, True, True])


def test_tuning_begins_at_the_weights_of_the_package(monkeypatch):
    packaged = {"embed_tokens.weight": torch.ones(3, 2), "norm.weight": torch.full((2,), 0.5)}
    monkeypatch.setattr(lesson_run.weight_sources, "read_language_model", lambda path: (packaged, None))
    monkeypatch.setattr(lesson_run.weight_sources.LANGUAGE.__class__, "locate_file", lambda self: None)
    model = nn.ModuleDict({"model": nn.ModuleDict({"embed_tokens": nn.Embedding(5, 2), "norm": nn.LayerNorm(2)})})
    rows = model["model"]["embed_tokens"].weight[3:].clone()
    lesson_run.untuned_language(model)
    table = model["model"]["embed_tokens"].weight
    assert torch.equal(table[:3], torch.ones(3, 2))
    assert torch.equal(table[3:], rows)
    assert torch.equal(model["model"]["norm"].weight, torch.full((2,), 0.5))


def test_answers_to_keep_are_written_once_and_end_where_the_turn_does(tmp_path, monkeypatch):
    monkeypatch.setattr(lesson_run, "KEPT", 3)
    asked = []

    def generate(ids, attention_mask, **options):
        asked.append(ids)
        return torch.cat((ids, torch.tensor([[7, 2, 2]]).expand(len(ids), -1)), 1)

    model = SimpleNamespace(generate=generate)
    first = answers_to_keep(model, Letters(), tmp_path / "kept.json")
    again = answers_to_keep(model, Letters(), tmp_path / "kept.json")
    assert first == again
    assert len(asked) == 1
    assert [kept.answer for kept in first] == [[7, 2]] * 3
    assert len(json.loads((tmp_path / "kept.json").read_text())) == 3
