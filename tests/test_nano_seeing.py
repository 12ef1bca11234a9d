"""The eye of VITA-Nano: captions, the table of words, reading maps, heads without norms, the tower as a whole."""

import pytest
import torch
from PIL import Image
from torch import nn

from recipes.nano.train.batch_norms import fold_norms, with_norms
from recipes.nano.train.train_scene_head import centre_loss, target_maps
from recipes.nano.train.training_loop import TrainingPlan, train_steps
from vita.model.configuration import VITAConfig
from vita.nano.model import caption_text
from vita.nano.model.caption_text import CaptionItem, ClipAction
from vita.nano.model.caption_vocabulary import CaptionVocabulary, plain_tokens
from vita.nano.model.captioning_tower import ACTIONS, ORDER, SCENE, STILL, CaptionedImages, CaptionsConfig, CaptionTower
from vita.nano.model.drawing_classifier import KINDS
from vita.nano.model.scene_heads import (
    LETTERS,
    SceneHead,
    WordReader,
    crop_words,
    ctc_spelling,
    patch_colours,
    peak_things,
    word_box,
)

LEXICON = ["Ċ", ".", ",", ":", '"', 'Ġ"', *LETTERS, *LETTERS.upper(), "Ġa", "Ġred", "Ġcat", "Ġpicture", "The", "is"]
NAMES = {
    "classes": ["cat", "dog"],
    "drawings": ["sun"],
    "shapes": ["circle", "thing"],
    "colours": ["red", "blue"],
    "lexicon": LEXICON,
}


@pytest.fixture(scope="module")
def tower():
    torch.manual_seed(0)
    made = CaptionTower(VITAConfig(vision_config=CaptionsConfig(hidden_size=8, tokens_per_tile=12, names=NAMES)))
    nn.init.normal_(made.projector.table)
    return made.eval()


@pytest.mark.parametrize(
    ("name", "several"),
    [("cat", "cats"), ("cross", "crosses"), ("cherry", "cherries"), ("toy", "toys"), ("jeans", "jeans")],
)
def test_names_of_several(name, several):
    assert caption_text.plural_name(name) == several


@pytest.mark.parametrize(
    ("x", "y", "spot"),
    [
        (0.1, 0.1, "top left"),
        (0.5, 0.5, "center"),
        (0.9, 0.5, "right"),
        (0.5, 0.99, "bottom"),
        (1.0, 1.0, "bottom right"),
    ],
)
def test_nine_places(x, y, spot):
    assert caption_text.place_name(x, y) == spot


@pytest.mark.parametrize(
    ("items", "subject", "word", "said"),
    [
        ([], "a cat", "", "This is a picture of a cat."),
        ([], "", "open", 'The word "open" is printed in the picture.'),
        ([CaptionItem("circle", "red", 0.1, 0.1)], "", "", "The picture shows a red circle at the top left."),
        ([CaptionItem("heart", "pink", 0.1, 0.1)] * 4, "", "", "The picture shows four pink hearts."),
        (
            [CaptionItem("circle", "orange", 0.5, 0.5), CaptionItem("star", "blue", 0.9, 0.9)],
            "",
            "",
            "The picture shows two shapes: an orange circle at the center, a blue star at the bottom right.",
        ),
    ],
)
def test_captions_of_pictures(items, subject, word, said):
    assert caption_text.picture_caption(items, subject, word) == said


def test_captions_of_clips_tell_events_in_order():
    red, blue = ClipAction("circle", "red", "left"), ClipAction("square", "blue", "grow")
    assert caption_text.story_sentences([]) == ["Nothing moves in the video."]
    assert caption_text.story_sentences([red]) == ["In the video, the red circle moves left."]
    assert caption_text.story_sentences([red, blue]) == [
        "First, the red circle moves left.",
        "Then, the blue square grows.",
    ]


def test_more_than_five_are_many():
    assert caption_text.subject_phrase("dog", 7) == "many dogs"


def test_a_lexicon_finds_whole_words_and_spells_the_rest():
    lexicon = CaptionVocabulary(LEXICON)
    rows = [LEXICON[row] for row in lexicon.encode_text('The cat "is" odd.')]
    assert rows == ["The", "Ġcat", 'Ġ"', "is", '"', "o", "d", "d", "."]


def test_a_lexicon_keeps_letters_common_words_and_what_texts_need():
    vocabulary = ["Ċ", "Ġ", ".", ",", ":", '"', 'Ġ"', "'", "-", "x", "Ġword", "12", "ĠEgyptian", "ĠMau"]
    assert plain_tokens(vocabulary, {13}, common=11) == [*range(11), 13]


def test_things_are_read_at_the_peaks_of_the_map():
    centres = torch.full((1, 28, 28), -9.0)
    centres[0, 4, 20], centres[0, 4, 21], centres[0, 25, 3] = 3.0, 1.0, 2.0
    shapes, colours = torch.zeros(2, 28, 28), torch.zeros(2, 28, 28)
    shapes[1, 25, 3] = 5.0
    found = peak_things(centres, shapes, colours, 0.5)
    assert [(round(28 * thing.x - 0.5), round(28 * thing.y - 0.5)) for thing in found] == [(20, 4), (3, 25)]
    assert int(found[1].shape.argmax()) == 1


def test_a_word_is_boxed_in_pixels_or_not_found():
    centres, boxes = torch.full((1, 28, 28), -9.0), torch.ones(4, 28, 28)
    assert word_box(centres, boxes, 0.5) is None
    centres[0, 10, 7] = 4.0
    assert word_box(centres, boxes, 0.5) == (8 * 6.5, 8 * 9.5, 8 * 8.5, 8 * 11.5)


def test_letters_are_read_without_blanks_and_repeats():
    steps = [3, 3, 0, 1, 1, 20, 0, 20]
    logits = nn.functional.one_hot(torch.tensor(steps), 27).float()
    assert ctc_spelling(logits) == "catt"


def test_a_word_is_cut_out_where_its_box_is():
    pixels = torch.zeros(1, 3, 224, 224)
    pixels[:, :, 100:120, 60:140] = 1.0
    strip = crop_words(pixels, torch.tensor([[60.0, 100.0, 140.0, 120.0]]))
    assert strip.shape == (1, 3, 32, 128)
    assert strip[0, 0, 16, 64] == 1
    assert strip[0, 0, 0, 0] == 0


def test_tones_are_means_of_small_squares():
    pixels = torch.arange(3 * 16 * 16, dtype=torch.float32).view(1, 3, 16, 16)
    found = patch_colours(pixels)
    assert found.shape == (1, 12, 2, 2)
    assert found[0, 0, 0, 0] == pixels[0, 0, :4, :4].mean()


@pytest.mark.parametrize("head", [SceneHead(8, 11), WordReader()])
def test_folding_norms_changes_nothing(head):
    inputs = {
        SceneHead: (torch.randn(2, 40, 28, 28), torch.randn(2, 112, 14, 14), torch.randn(2, 12, 28, 28)),
        WordReader: (torch.rand(2, 3, 32, 128),),
    }[type(head)]
    learning = with_norms(head)
    learning(*inputs)
    learning.eval()
    with torch.inference_mode():
        before, after = learning(*inputs), fold_norms(learning)(*inputs)
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_targets_peak_at_centres_and_bound_words():
    things = torch.full((1, 6, 5), -1.0)
    things[0, 0] = torch.tensor([2.0, 5.0, 84.0, 28.0, 30.0])
    wanted = target_maps(things, torch.tensor([[40.0, 160.0, 120.0, 184.0]]))
    assert wanted.centres[0].max() == 1
    assert (wanted.centres[0] == 1).sum() == 1 or wanted.centres[0, 3, 10] == 1
    assert (wanted.shapes[0, 3, 10], wanted.colours[0, 3, 10]) == (2, 5)
    row, column = 21, 10
    assert wanted.inside[0, row, column] == 1
    assert wanted.boxes[0, :, row, column].tolist() == [5.5, 1.5, 4.5, 1.5]


def test_the_focal_loss_prefers_the_right_map():
    wanted = torch.zeros(1, 28, 28)
    wanted[0, 5, 5] = 1
    right, wrong = torch.full((1, 28, 28), -6.0), torch.full((1, 28, 28), -6.0)
    right[0, 5, 5] = wrong[0, 20, 20] = 6.0
    assert centre_loss(right, wanted) < 0.1 < centre_loss(wrong, wanted)


def test_a_killed_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("recipes.nano.train.training_loop.SAVE_EVERY", 0.0)

    def run(path, killed_at):
        torch.manual_seed(0)
        model = nn.Linear(3, 1)

        def loss(step):
            if step == killed_at:
                raise KeyboardInterrupt
            return model(torch.full((4, 3), step / 10)).square().mean()

        train_steps(model, loss, TrainingPlan(6, 0.1, warm=1), path)
        return model.weight.detach()

    whole = run(tmp_path / "whole.pt", None)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts.pt", 3)
    torch.testing.assert_close(run(tmp_path / "parts.pt", None), whole)


def square_at(x):
    """A frame with a red square whose left side is there."""
    frame = Image.new("RGB", (224, 224), (235, 235, 230))
    frame.paste((220, 20, 30), (x, 90, x + 40, 130))
    return frame


@pytest.fixture(scope="module")
def images():
    return CaptionedImages(VITAConfig(vision_config=CaptionsConfig(names=NAMES)), None)


def test_a_picture_is_one_tile_with_nothing_marked(images):
    pixels = images(square_at(20))
    assert pixels.shape == (1, 4, 224, 224)
    assert not pixels[:, 3].any()


def test_a_clip_is_its_middle_frame_and_its_event(images):
    pictures = [square_at(20 + 15 * number) for number in range(6)]
    tiles = images.frames(pictures)
    assert tiles.shape == (2, 4, 224, 224)
    torch.testing.assert_close(tiles[:1], images(pictures[3]))
    marked = tiles[1, 3] > 0
    assert set(tiles[1, 3][marked].tolist()) == {1.0 + ACTIONS.index("right")}
    assert 1100 < marked.sum() < 1800


def test_two_events_carry_their_order(images):
    pictures = [square_at(20 + 25 * number) for number in range(4)] + [Image.new("RGB", (224, 224), (235, 235, 230))]
    for number, picture in enumerate(pictures):
        picture.paste((30, 60, 200), (150, 20, 190, 60) if number > 2 else (0, 0, 0, 0))
    tiles = images.frames(pictures[:4])
    assert len(tiles) == 3
    assert tiles[1:, 3].amax((1, 2)).tolist() == [
        1 + ORDER + ACTIONS.index("right"),
        1 + 2 * ORDER + ACTIONS.index("appear"),
    ]


def test_of_a_clip_that_cannot_be_told_there_are_three_frames(images):
    pictures = [Image.new("RGB", (300, 200), (20 * number, 120, 30)) for number in range(9)]
    tiles = images.frames(pictures)
    torch.testing.assert_close(tiles[:, :3], torch.cat([images(pictures[number]) for number in (0, 4, 8)])[:, :3])
    assert (tiles[:, 3] == SCENE).all()


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        (("This is a picture of a cat.",) * 3, "This is a picture of a cat."),
        (("This is a picture of a cat.", "This is a picture of an espresso.", "This is a picture of an espresso."),
         "The video shows a cat, then an espresso."),
        (("This is a picture of a cat.", "The picture shows a red circle at the left.", "This is a picture of a cat."),
         "The video shows a cat, then a red circle at the left, then a cat."),
        (('This is a picture of a sign. The word "STOP" is printed in the picture.', "", "This is a picture of a car."),
         'The video shows a sign, then a car. The word "STOP" is printed in the picture.'),
        (('The word "END" is printed in the picture.', "This is a picture of a car.", ""),
         'The video shows the word "END", then a car.'),
        (("", "", ""), ""),
    ],
)  # fmt: skip
def test_scenes_are_told_in_order_and_what_stays_once(pictures, said):
    assert caption_text.scenes_caption(pictures) == said


def test_the_scenes_of_each_clip_become_one_caption_on_its_last_tile(tower, monkeypatch):
    pixels = torch.zeros(8, 4, 224, 224)
    pixels[1:7, 3] = SCENE
    own = [f"This is a picture of {letter}." for letter in "abcdefgh"]
    monkeypatch.setattr(tower, "_describe_each", lambda pixels: list(own))
    monkeypatch.setattr(tower, "length", 40)
    said = tower.describe_tiles(pixels)
    assert said[1:7] == ["", "", "The video shows b, then c, then d.", "", "", "The video shows e, then f, then g."]
    assert (said[0], said[7]) == (own[0], own[7])
    monkeypatch.setattr(tower, "length", 4)  # where it has no room, each keeps its own
    assert tower.describe_tiles(pixels) == own


def test_a_clip_without_motion_is_marked_as_still_and_one_frame_is_a_picture(images):
    tiles = images.frames([square_at(20)] * 3)
    assert len(tiles) == 2
    assert (tiles[1, 3] == STILL).all()
    torch.testing.assert_close(images.frames([square_at(20)]), images(square_at(20)))


def test_an_event_is_told_of_what_is_found_in_the_marked_pixels(tower):
    pixels = torch.rand(4, 4, 224, 224)
    pixels[:, 3] = 0
    pixels[1, 3, 96:104, 160:168] = 1 + ACTIONS.index("left")
    pixels[2, 3, 96:104, 160:168] = 1 + ORDER + ACTIONS.index("grow")
    pixels[3, 3] = STILL
    maps = [torch.full((4, 1, 28, 28), -9.0), torch.zeros(4, 2, 28, 28), torch.zeros(4, 2, 28, 28)]
    maps[0][:, 0, 12, 20], maps[1][:, 0, 12, 20], maps[2][:, 1, 12, 20] = 2.0, 4.0, 4.0  # a blue circle
    maps[0][:, 0, 3, 3], maps[1][:, 1, 3, 3] = 5.0, 4.0  # surer, but not where anything happens
    tower.projector.scene.forward = lambda *features: (
        *maps,
        torch.full((4, 1, 28, 28), -9.0),
        torch.ones(4, 4, 28, 28),
    )
    with torch.inference_mode():
        said = tower.describe_tiles(pixels)
    del tower.projector.scene.forward
    assert said[1:] == [
        "In the video, the blue circle moves left.",
        "First, the blue circle grows.",
        *caption_text.story_sentences([]),
    ]


@pytest.mark.parametrize(("logit", "score", "said"), [(-5.0, 2.0, True), (5.0, 2.0, False), (-5.0, -9.0, False)])
def test_nothing_is_said_to_happen_to_what_has_no_name_or_is_not_there(tower, logit, score, said):
    centres, shapes = torch.full((1, 28, 28), score), torch.zeros(2, 28, 28)
    shapes[1] = logit  # "thing"
    plane = torch.zeros(224, 224)
    plane[:20, :20] = 1 + ACTIONS.index("up")
    event = tower._describe_event((centres, shapes, torch.zeros(2, 28, 28)), plane, sure=0.5)
    assert event == ("In the video, the red circle moves up." if said else "")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("shapes", "The picture shows a blue circle at the center."),
        ("drawing", "This is a picture of a sun."),
        ("photo", "This is a picture of a dog."),
    ],
)
def test_the_kind_of_a_picture_decides_what_is_said_of_it(tower, monkeypatch, kind, said):
    maps = [torch.full((1, 1, 28, 28), -9.0), torch.zeros(1, 2, 28, 28), torch.zeros(1, 2, 28, 28)]
    maps[0][0, 0, 14, 14], maps[1][0, 0, 14, 14], maps[2][0, 1, 14, 14] = 1.0, 4.0, 4.0  # a blue circle, not quite sure
    no_word = (torch.full((1, 1, 28, 28), -9.0), torch.ones(1, 4, 28, 28))
    chances = torch.tensor([[0.9 if kind == one else 0.05 for one in KINDS]])
    monkeypatch.setattr(tower.projector.scene, "forward", lambda *features: (*maps, *no_word))
    monkeypatch.setattr(tower.projector.naming, "picture_kinds", lambda *features: chances)
    monkeypatch.setattr(tower.encoder.classifier, "forward", lambda pooled: torch.tensor([[0.0, 1.0]]))
    with torch.inference_mode():
        assert tower.describe_tiles(torch.zeros(1, 4, 224, 224)) == [said]


@pytest.mark.parametrize(("chance", "said"), [(0.95, "This is a picture of a sun."), (0.6, "The picture shows")])
def test_shapes_are_parts_of_a_drawing_only_where_it_surely_is_one(tower, chance, said):
    maps = [torch.full((1, 28, 28), -9.0), torch.zeros(2, 28, 28), torch.zeros(2, 28, 28)]
    maps[0][0, 14, 14] = 3.0
    no_word = (torch.full((1, 28, 28), -9.0), torch.ones(4, 28, 28))
    kinds = torch.tensor([1 - chance, chance, 0.0])
    assert tower._describe_picture((*maps, *no_word), torch.zeros(1, 3, 224, 224), "sun", kinds).startswith(said)


def test_the_tower_gives_as_many_embeddings_for_every_tile(tower):
    pixels = torch.rand(3, 4, 224, 224)
    pixels[:, 3] = torch.tensor([0.0, STILL, 0.0]).view(3, 1, 1)
    with torch.inference_mode():
        said, tokens = tower.describe_tiles(pixels), tower(pixels)
    assert tokens.shape == (3, 12, 8)
    assert "video" in said[1]
    assert "video" not in said[0] + said[2]


def test_short_captions_stand_behind_newlines(tower):
    tower.describe_tiles = lambda pixels: ["a cat."]
    tokens = tower(torch.zeros(1, 4, 224, 224))[0]
    newline = tower.projector.table[tower.lexicon.newline]
    del tower.describe_tiles
    assert torch.equal(tokens[0], newline)
    assert torch.equal(tokens[-1], tower.projector.table[LEXICON.index(".")])
