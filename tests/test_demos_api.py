"""The named endpoints through gradio_client, and what the page costs before it is served."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from demos.ability.ask_endpoints import answer_record
from demos.example_files import EXAMPLES
from demos.i18n.translation import WORDS
from demos.page import TABS
from demos.visitor_conversation import AnswerPhase, VisitorAnswer
from tests.browser.serving import ROOT, serving
from vita.engine.engine_protocol import Usage
from vita.tokens import State


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of the page over fake engines."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving("-m", "tests.browser.serve", "{port}", log=log) as address:
        client = Client(address, verbose=False)
        yield client
        client.close()


def stream(client, ability, question, *names, **options):
    files = [handle_file(str(EXAMPLES / name)) for name in names]
    return list(client.submit(question=question, files=files, api_name=f"/ask_{ability}", **options))


@pytest.mark.parametrize(
    ("ability", "name", "kind"),
    [("image", "cat.jpg", "image"), ("video", "traffic_light.mp4", "video"), ("audio", "ask_sky.wav", "audio")],
)
def test_each_endpoint_streams_partial_answers_and_ends_with_the_whole(client, ability, name, kind):
    answers = stream(client, ability, "What is it?", name)
    texts = [answer["answer"] for answer in answers]
    assert len(set(texts)) > 3
    assert all(texts[-1].startswith(text) for text in texts)
    assert [answer["finish"] for answer in answers[:-1]] == [None] * (len(answers) - 1)
    last = answers[-1]
    assert (last["finish"], last["state"]) == ("stop", "voice" if kind == "audio" else "text")
    assert last["usage"][f"{kind}_tokens"] > 0
    assert last["timing"]["first_token_s"] > 0


def test_a_question_without_files_is_answered(client):
    assert client.predict(question="count", api_name="/ask_image")["answer"] == "Turns so far: 1."


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"question": ""}, "There is no question yet"),
        ({"question": "Hi", "temperature": -1}, "temperature must be"),
        ({"question": "Hi", "max_tokens": 0}, "max_tokens must be"),
        ({"question": "Please fail"}, "engine failed"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(client, options, says):
    with pytest.raises(AppError, match=says) as caught:
        client.predict(api_name="/ask_image", **options)
    assert "box" not in str(caught.value)  # a program has none


def test_a_file_that_is_no_medium_is_refused_by_its_name(client, tmp_path):
    (tmp_path / "notes.txt").write_text("Hello.")
    with pytest.raises(AppError, match="neither an image, a video nor a sound"):
        client.predict(question="Hi", files=[handle_file(str(tmp_path / "notes.txt"))], api_name="/ask_image")


def test_only_the_named_endpoints_are_public(client):
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/ask_image",
        "/ask_video",
        "/ask_audio",
        "/evaluate_start",
        "/evaluate_status",
        "/evaluate_stop",
        "/evaluate_results",
    }


def test_a_program_starts_a_run_watches_it_and_reads_its_results(client):
    with pytest.raises(AppError, match="no task chess_bundled"):
        client.predict(tasks="chess", api_name="/evaluate_start")
    run = client.predict(tasks="gsm8k, mme", limit=1, api_name="/evaluate_start")
    deadline = time.monotonic() + 60
    while (status := client.predict(run=run, api_name="/evaluate_status"))["phase"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert {task["name"]: task["done"] for task in status["tasks"]} == {"gsm8k_bundled": 1, "mme_bundled": 2}
    results = client.predict(api_name="/evaluate_results")
    assert set(results["headlines"]) == {"gsm8k_bundled", "mme_bundled"}
    assert client.predict(api_name="/evaluate_stop") is False


def test_a_record_is_json_with_the_prompts_text_counted():
    usage = Usage(100, 49, 0, 11, 0, 5)
    answer = VisitorAnswer("Hi", State.AUDIO_QUERY, AnswerPhase.DONE, "stop", usage, "engine-1", 5, 0.3, 12.0, 1.0)
    assert json.loads(json.dumps(answer_record(answer))) == {
        "answer": "Hi",
        "state": "voice",
        "finish": "stop",
        "engine": "engine-1",
        "usage": {
            "prompt_tokens": 100,
            "image_tokens": 49,
            "video_tokens": 0,
            "audio_tokens": 11,
            "cached_tokens": 0,
            "completion_tokens": 5,
            "text_tokens": 40,
        },
        "timing": {"first_token_s": 0.3, "tokens_per_s": 12.0, "total_s": 1.0},
    }


def test_nothing_heavy_is_imported_before_the_page_is_served():
    code = "import app, sys; from vita.settings import Settings; app.create_app(Settings()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"torch", "vllm", "transformers", "plotly", "av", "pillow_heif", "openai"} & set(done.stdout.split())


def test_every_tab_has_a_label():
    assert {label for label, _ in TABS} <= set(WORDS["en"])
