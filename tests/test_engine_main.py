from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PIL import Image

import vita.__main__ as command
from tests.fakes import Answer, FakeEngine
from vita.engine.engine_pool import EnginePool
from vita.errors import EngineDeadError
from vita.media import Picture
from vita.tokens import State


@pytest.fixture
def serve(monkeypatch):
    """Make the command ask a fake in place of the engines that it would build."""

    def serve(*replies) -> FakeEngine:
        engine = FakeEngine(*replies, name="fake")
        monkeypatch.setattr(command, "build_pool", lambda settings: EnginePool([engine]))
        return engine

    return serve


def test_an_answer_is_streamed_to_stdout(serve, capsys):
    serve("It is a cat.")
    assert command.main(["ask", "What is this?"]) == 0
    assert capsys.readouterr().out == "It is a cat.\n"


def test_images_go_before_the_question_and_flags_into_the_request(serve, tmp_path):
    Image.new("RGB", (4, 4), "red").save(tmp_path / "a.png")
    engine = serve("Red.")
    flags = ["--image", str(tmp_path / "a.png"), "--max-tokens", "9", "--seed", "4", "--tiles", "2", "--system", "Be."]
    assert command.main(["ask", "What?", *flags]) == 0
    (request,) = engine.requests
    picture, text = request.turns[0].parts
    assert isinstance(picture, Picture)
    assert (text, request.sampling.max_tokens, request.sampling.seed) == ("What?", 9, 4)
    assert (request.max_tiles, request.system) == (2, "Be.")


def test_json_is_one_object_with_state_and_usage(serve, capsys):
    serve(Answer("Paris", State.AUDIO_QUERY))
    assert command.main(["ask", "Capital of France?", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["text"], answer["state"], answer["finish"]) == ("Paris", "audio_query", "stop")
    assert answer["usage"]["completion_tokens"] == 2
    assert answer["first_token_s"] <= answer["total_s"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "no question yet"),
        (["ask", "", "--image", "gone.png"], "no question yet"),
        (["ask", "Hi", *["--image", "gone.png"] * 9], "9 images and at most 8"),
        (["ask", "Hi", "--max-tokens", "0"], "--max-tokens"),
        (["ask", "Hi", "--engines", "7"], "engines must be 1 or 2"),
        (["ask", "Hi", "--colour"], "nrecognized arguments: --colour"),
        (["sing"], "invalid choice"),
        ([], "required"),
    ],
)
def test_what_is_wrong_with_the_input_is_one_sentence_and_exit_code_2(serve, capsys, arguments, said):
    engine = serve()
    assert command.main(arguments) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1
    assert not engine.requests


def test_a_file_that_is_no_image_costs_no_engine(serve, capsys, tmp_path):
    (tmp_path / "fake.png").write_text("not an image")
    engine = serve()
    assert command.main(["ask", "Hi", "--image", str(tmp_path / "fake.png")]) == 2
    assert capsys.readouterr().err.startswith("vita: ")
    assert not engine.requests


def test_an_engine_that_fails_gives_exit_code_1(serve, capsys):
    serve(EngineDeadError("It stopped."))
    assert command.main(["ask", "Hi"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_help_shows_how_to_ask(capsys):
    with pytest.raises(SystemExit) as caught:
        command.main(["ask", "--help"])
    assert caught.value.code == 0
    assert "--image photo.jpg" in capsys.readouterr().out


def test_vllm_says_nothing_of_a_triton_that_it_does_without():
    code = "import vita.engine, vllm.triton_utils"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Triton" not in run.stderr
