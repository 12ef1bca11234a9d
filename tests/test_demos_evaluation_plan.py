"""What a visitor chooses becomes a job, and a plan on disk becomes its job again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from demos.evaluation.run_form import QUESTIONS, REAL, SERVER, TALKS, form_of
from demos.evaluation.run_plan import RunForm, job_from_plan, job_of, own_address, resumed_job, task_families
from evals.run_journal import plan_fingerprint
from evals.tasks import LIVE, PUBLIC
from vita.errors import InputError

REMOTE = RunForm(("mme",), server=True, address="http://host:8000/v1/", model="qwen", key="secret")


TWO = RunForm(("mme", "gsm8k"))


def job(form: RunForm = TWO):
    return job_of(form, "nano", local=True)


def test_bundled_items_are_chosen_unless_the_real_data_is():
    assert [task.name for task in job().tasks] == ["mme_bundled", "gsm8k_bundled"]
    assert [task.name for task in job(RunForm(("mme",), bundled=False)).tasks] == ["mme"]


def test_this_pages_engines_are_named_by_their_model_with_its_hash_where_it_is_here():
    assert job().contestant.source == "vita"
    assert job_of(RunForm(("mme",)), "far", local=False).contestant.source == "page"


def test_a_server_is_asked_by_its_address_and_its_key_stays_out_of_the_plan():
    found = job(REMOTE)
    assert found.contestant.name == "qwen"
    assert found.contestant.args == {"base_url": "http://host:8000/v1", "model": "qwen", "api_key": "secret"}
    assert "secret" not in str(found.run_plan())


@pytest.mark.parametrize("address", ["ws://host:7860/", "http://host:7860"])
def test_a_server_for_conversations_is_talked_with_at_its_socket(address):
    found = job(RunForm(("full_duplex_pause",), server=True, address=address))
    assert (found.contestant.source, found.contestant.args) == ("realtime", {"base_url": "ws://host:7860"})
    assert resumed_job(found.run_plan(), "nano", "").run_plan() == found.run_plan()


@pytest.mark.parametrize(
    ("server", "address"),
    [(("10.0.0.7", 7860), "ws://10.0.0.7:7860"), (("::1", 80), "ws://[::1]:80"), (("/run/vita", None), ""), (None, "")],
)
def test_this_server_is_reached_where_the_visitors_request_came_in(server, address):
    assert own_address(SimpleNamespace(request=SimpleNamespace(scope={"server": server}))) == address


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (RunForm(()), "Choose at least one task"),
        (RunForm(("nothing",)), "no task nothing_bundled"),
        (RunForm(("mme", "full_duplex_pause")), "a run of their own"),
        (RunForm(("full_duplex_pause",), server=True, address="host:1"), "begins with ws"),
        (RunForm(("mme",), limit=1.5), "whole number"),
        (RunForm(("mme",), limit=-1), "whole number"),
        (RunForm(("mme",), server=True, address="host:8000"), "begins with http"),
        (RunForm(("mme",), server=True), "address begins with http"),
        (RunForm(("mme",), bundled=False, folder="/nowhere/at/all"), "There is no folder"),
    ],
)
def test_what_cannot_be_run_says_what_to_change(form, says):
    with pytest.raises(InputError, match=says):
        job(form)


@pytest.mark.parametrize(
    "form",
    [
        RunForm(("mme", "librispeech_dev_clean"), limit=0.5, seed=3, shots=2),
        RunForm(("mme",), bundled=False, limit=20),
        replace(REMOTE, key=""),
    ],
)
def test_a_plan_makes_the_job_that_it_came_from(form):
    plan = job(form).run_plan()
    assert plan_fingerprint(job_from_plan(plan).run_plan()) == plan_fingerprint(plan)


def test_a_run_is_resumed_by_the_model_that_it_measures_only():
    plan = job().run_plan()
    assert resumed_job(plan, "nano", "").run_plan() == plan
    with pytest.raises(InputError, match="this page runs other"):
        resumed_job(plan, "other", "")
    with pytest.raises(InputError, match="judge"):
        resumed_job({**plan, "judge": True}, "nano", "")
    with pytest.raises(InputError, match="no more"):
        resumed_job({**plan, "tasks": ["gone"]}, "nano", "")


def test_servers_that_this_page_asks_are_named_by_their_model_and_told_apart_by_their_addresses():
    def asked(model, *addresses):
        return job_of(TWO, model, local=False, remotes=addresses)

    found = asked("VITA-1.5", "http://a/v1")
    assert (found.contestant.name, found.contestant.source) == ("VITA-1.5", "page")
    assert found.contestant.args == {"base_url": "http://a/v1", "model": "VITA-1.5"}
    others = [asked("VITA-1.5", "http://b/v1"), asked("Qwen", "http://a/v1"), asked("VITA-1.5", "http://a/v1", "x")]
    assert len({plan_fingerprint(each.run_plan()) for each in (found, *others)}) == 4
    assert resumed_job(found.run_plan(), "VITA-1.5", "", ["http://a/v1"]).run_plan() == found.run_plan()
    with pytest.raises(InputError, match=r"measures VITA-1.5 \(http://a/v1\), and this page runs VITA-1.5 \(http://b"):
        resumed_job(found.run_plan(), "VITA-1.5", "", ["http://b/v1"])
    with pytest.raises(InputError, match="this page runs nano"):
        resumed_job(found.run_plan(), "nano", "")


def test_a_run_of_a_checkpoint_here_is_not_resumed_by_servers_elsewhere():
    with pytest.raises(InputError, match="measures nano, and this page runs nano"):
        resumed_job(job().run_plan(), "nano", "", ["http://a/v1"])


def test_servers_that_have_not_said_what_they_serve_are_not_measured():
    with pytest.raises(InputError, match="not answered yet"):
        job_of(TWO, "", local=False, remotes=["http://a/v1"])
    plan = job_of(REMOTE, "", local=False, remotes=["http://a/v1"]).run_plan()
    assert resumed_job(plan, "", "secret", ["http://a/v1"]).run_plan() == plan, "another server needs not wait for them"


def test_a_servers_key_is_asked_for_again():
    plan = job(REMOTE).run_plan()
    with pytest.raises(InputError, match="key again"):
        resumed_job(plan, "nano", "")
    again = resumed_job(plan, "nano", "secret")
    assert again.contestant.args["api_key"] == "secret"
    assert again.run_plan() == plan


def test_every_public_task_is_in_a_family():
    assert sorted(task.name for several in task_families().values() for task in several) == sorted(PUBLIC | LIVE)


def test_the_forms_values_are_read_in_their_order(tmp_path: Path):
    values = [SERVER, "http://a/v1", "m", "k", REAL, str(tmp_path), 5, 8, 1, 3, True]
    families = [["mmlu"], None, ["mme"], ["full_duplex_pause"]]
    asked = RunForm(("mmlu", "mme"), True, "http://a/v1", "m", "k", False, str(tmp_path), 5.0, 8, 1, 3, True)
    assert form_of([*values, QUESTIONS, *families]) == asked
    assert form_of([*values, TALKS, *families]) == replace(asked, tasks=("full_duplex_pause",))


def test_what_was_emptied_is_its_default():
    form = form_of(["page", "", "", "", "bundled", "", None, None, None, None, False, QUESTIONS, ["mme"], []])
    assert form == RunForm(("mme",))
