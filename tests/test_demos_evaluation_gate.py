"""Who may start evaluations: this machine, whoever knows the password, everyone or nobody."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import gradio as gr
import pytest

from demos.evaluation.evaluation_endpoints import EvaluationEndpoints
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_manager import RunManager
from demos.evaluation_gate import EvaluationGate, is_local
from demos.services import Services
from tests.fakes import FakeEngine, pool_of
from vita.errors import SettingsError
from vita.settings import Settings


def visitor(client: str | None, host: str, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SimpleNamespace(client=SimpleNamespace(host=client), headers={"host": host, **named})


HERE = visitor("127.0.0.1", "127.0.0.1:7860")
FAR = visitor("203.0.113.9", "vita.example")


@pytest.mark.parametrize(
    "one",
    [
        HERE,
        visitor("::1", "[::1]:7860"),
        visitor("127.0.0.1", "localhost"),
        visitor("127.0.0.1", "localhost:7860", origin="http://localhost:7860", referer="http://localhost:7860/"),
    ],
)
def test_a_browser_on_this_machine_is_local(one):
    assert is_local(one)


@pytest.mark.parametrize(
    "one",
    [
        FAR,
        visitor("203.0.113.9", "localhost:7860"),
        visitor("127.0.0.1", "vita.example"),
        visitor("127.0.0.1", "localhost", x_forwarded_for="203.0.113.9"),
        visitor("127.0.0.1", "localhost", x_forwarded_for="127.0.0.1"),
        visitor("127.0.0.1", "localhost", cf_connecting_ip="203.0.113.9"),
        visitor("127.0.0.1", "127.0.0.1:7860", origin="https://vita.example"),
        visitor("127.0.0.1", "127.0.0.1:7860", referer="https://vita.example/?tab=evaluate"),
        visitor("127.0.0.1", "127.0.0.1:7860", origin="null"),
        visitor(None, "localhost"),
        visitor("127.0.0.1", ""),
        SimpleNamespace(client=None, headers={}),
    ],
    ids=[
        "far",
        "forged host",
        "rebound name",
        "proxy",
        "forged proxy",
        "tunnel",
        "silent proxy",
        "page behind it",
        "page of nowhere",
        "unknown",
        "no host",
        "nothing",
    ],
)
def test_whoever_may_come_from_elsewhere_is_not(one):
    assert not is_local(one)


def test_by_default_only_this_machine_may():
    assert EvaluationGate().reason_closed(HERE) == ""
    assert EvaluationGate().reason_closed(FAR) == "local"


def test_everyone_and_nobody_are_taken_at_their_word():
    assert EvaluationGate("everyone").reason_closed(FAR) == ""
    assert EvaluationGate("off").reason_closed(HERE) == "off"
    assert EvaluationGate("off", "sesame").reason_closed(HERE, unlocked=True) == "off"


def test_a_password_lets_others_in_who_gave_it():
    gate = EvaluationGate(password="sesame")
    assert gate.reason_closed(FAR) == "password"
    assert gate.check_password("sesame")
    assert gate.reason_closed(FAR, unlocked=True) == ""


def test_after_a_wrong_password_even_the_right_one_waits():
    now = 0.0
    gate = EvaluationGate(password="sesame", clock=lambda: now)
    assert not gate.check_password("simsim")
    assert not gate.check_password("sesame")
    now = 1.0
    assert gate.check_password("sesame")
    assert not gate.check_password("")


def test_without_a_password_none_is_right():
    assert not EvaluationGate().check_password("")


def test_the_switch_and_the_password_are_read_from_the_environment():
    settings = Settings.from_args([], {"VITA_EVALUATE": "off", "VITA_EVALUATE_PASSWORD": "sesame"})
    assert (settings.evaluate, settings.evaluate_password) == ("off", "sesame")
    assert (Settings().evaluate, Settings().evaluate_password) == (EvaluationGate().who, EvaluationGate().password)


def test_a_switch_that_there_is_not_is_refused():
    with pytest.raises(SettingsError, match="invalid choice"):
        Settings.from_args(["--evaluate", "friends"], {})


@pytest.fixture
def endpoints(tmp_path) -> EvaluationEndpoints:
    services = Services(
        pool_of(FakeEngine("yes")), model="fake", results=tmp_path, gate=EvaluationGate(password="sesame")
    )
    return EvaluationEndpoints(services, RunManager(services), RunArchive(tmp_path))


async def test_programs_pass_the_same_gate(endpoints):
    with pytest.raises(gr.Error, match="type the maintainer's password"):
        await endpoints.evaluate_start(FAR, "mme")
    with pytest.raises(gr.Error, match="not the password"):
        await endpoints.evaluate_start(FAR, "mme", password="simsim")
    with pytest.raises(gr.Error, match="password"):
        await endpoints.evaluate_stop(FAR)
    assert await endpoints.evaluate_stop(HERE) is False
    run = await endpoints.evaluate_start(HERE, "mme", limit=2)
    async with asyncio.timeout(20):
        while (await endpoints.evaluate_status(run))["phase"] != "done":
            await asyncio.sleep(0.01)
    assert (await endpoints.evaluate_results())["n-samples"]["mme_bundled"]["effective"] == 2


async def test_programs_are_told_which_tasks_cannot_be_run(endpoints):
    for names, why in (("chess", "There is no task"), ("mme,full_duplex_pause", "a run of their own")):
        with pytest.raises(gr.Error, match=why):
            await endpoints.evaluate_start(HERE, names)
