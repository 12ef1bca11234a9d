"""Results files: lm-eval's schema, what lm-eval's own functions make of them, provenance, contestants."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess

import pytest

from evals import provenance, result_files
from evals.cli import run_commands
from evals.contestants import build_engine, contestant_from_arguments, parse_args, settings_of, shown_args
from evals.report import text_tables
from evals.simulated_engine import SimulatedEngine
from evals.task_data import Selection
from evals.tasks import select_tasks
from vita.engine.remote_engine import RemoteEngine
from vita.errors import SettingsError

KEYS = {  # lm_eval/result_schema.py of 0.4.13, EvalResults, without "samples", which go into their own files
    "results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "git_hash",
    "date", "pretty_env_info", "transformers_version", "lm_eval_version", "upper_git_hash", "tokenizer_pad_token",
    "tokenizer_eos_token", "tokenizer_bos_token", "eot_token_id", "max_length", "task_hashes", "model_source",
    "model_name", "model_name_sanitized", "system_instruction", "system_instruction_sha", "fewshot_as_multiturn",
    "chat_template", "chat_template_sha", "total_evaluation_time_seconds",
}  # fmt: skip
SAMPLE_KEYS = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash",
               "prompt_hash", "target_hash"}  # fmt: skip


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """A run over four tasks, every scorer, written out."""
    job = run_commands.Job(
        contestant_from_arguments("simulated", ""),
        select_tasks(["gsm8k_bundled", "mme_bundled", "librispeech_test_clean_bundled", "state_tokens_bundled"]),
        Selection(shots=1),
        scorers="all",
        output=tmp_path_factory.mktemp("results"),
        log_samples=True,
    )
    return asyncio.run(run_commands.run_job(job))


def test_results_have_the_keys_of_the_schema(outcome):
    content = result_files.read_results(outcome.path)
    assert set(content) >= KEYS
    gsm8k = content["results"]["gsm8k_bundled"]
    assert {"name", "alias", "sample_len", "exact_match,strict-match", "exact_match_stderr,flexible-extract"} <= set(
        gsm8k
    )
    assert content["results"]["mme_bundled"]["mme_score_stderr,lmms-eval"] == "N/A"
    assert content["higher_is_better"]["librispeech_test_clean_bundled"]["wer"] is False
    assert content["n-shot"] == {"gsm8k_bundled": 1, "mme_bundled": 0, "librispeech_test_clean_bundled": 0,
                                 "state_tokens_bundled": 0}  # fmt: skip
    assert isinstance(content["date"], float)
    assert isinstance(content["total_evaluation_time_seconds"], str)


def test_results_say_who_scored_what_failed_and_how_fast(outcome):
    content = result_files.read_results(outcome.path)
    assert content["scorers"]["gsm8k_bundled"]["opencompass"] == "OpenCompass 0.5.4"
    assert content["failures"]["mme_bundled"] == 0
    assert content["bundled"]["mme_bundled"] is True
    assert content["speed"]["mme_bundled"]["completion_tokens_per_second"] > 0
    assert content["provenance"]["versions"]["jiwer"]
    assert re.fullmatch("[0-9a-f]{40}(-dirty)?", content["git_hash"])
    assert content["config"]["random_seed"] == 0
    assert content["configs"]["mme_bundled"]["dataset_path"] == "bundled"
    assert content["units"]["librispeech_test_clean_bundled"]["wer"] == "%"


def test_samples_have_a_line_for_each_item_and_scorer(outcome):
    lines = result_files.read_samples(outcome.path, "gsm8k_bundled")
    assert len(lines) == 4 * 3
    assert all(set(line) >= SAMPLE_KEYS for line in lines)
    assert {line["filter"] for line in lines} == {"flexible-extract", "strict-match", "opencompass"}
    first = lines[0]
    assert first["arguments"]["gen_args_0"]["arg_0"].startswith("Question: Mia")
    assert first["resps"] == [[first["resps"][0][0]]]
    assert first[first["metrics"][0]] in (0.0, 1.0)
    assert result_files.read_samples(outcome.path, "nothing") == []


def test_files_are_named_as_lm_evals_are(outcome):
    assert outcome.path.parent.name == "simulated"
    date = outcome.path.stem.removeprefix("results_")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d+", date)
    assert (outcome.path.parent / f"samples_mme_bundled_{date}.jsonl").is_file()
    assert result_files.sanitize_name("org/model:v1") == "org__model__v1"


def test_lm_evals_own_functions_read_the_files(outcome):
    utils = pytest.importorskip("lm_eval.utils", reason="lm-eval is not installed: ./setup.sh --dev")
    files = [str(path) for path in outcome.path.parent.iterdir()]
    assert utils.get_results_filenames(files) == [str(outcome.path)]
    samples = utils.get_sample_results_filenames(files)
    assert len(samples) == 4
    names = {utils.get_file_task_name(path.rsplit("/", 1)[1]) for path in samples}
    assert "state_tokens_bundled" in names
    date = outcome.path.stem.removeprefix("results_")
    assert {utils.get_file_datetime(path.rsplit("/", 1)[1]) for path in samples} == {date}
    assert utils.get_latest_filename(samples).endswith(".jsonl")
    assert "|gsm8k" in utils.make_table(json.loads(outcome.path.read_text("utf-8"))).replace(" ", "").lower()


def test_datasets_reads_each_file_of_a_run_as_lm_evals_cards_tell_people_to(outcome, tmp_path):
    from datasets import load_dataset

    for path in outcome.path.parent.glob("*.json*"):
        rows = load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path))
        assert rows.num_rows == (len(path.read_text("utf-8").splitlines()) if path.suffix == ".jsonl" else 1)


def test_tables_show_intervals_failures_and_never_a_published_number_beside_a_bundled_one(outcome):
    text = text_tables.of_results(outcome.content)
    assert "MME (bundled)" in text
    assert "GPT-4o" not in text
    public = json.loads(json.dumps(outcome.content).replace("mme_bundled", "mme").replace("MME (bundled)", "MME"))
    public["bundled"]["mme"] = False
    assert "GPT-4o 2310.3" not in text_tables.of_results(public), "16 items of 2374"
    public["n-samples"]["mme"] = {"original": 2374, "effective": 2374}
    assert "GPT-4o 2310.3" in text_tables.of_results(public)
    assert text_tables.of_difference(outcome.content, {"headlines": {}, "model_name": "x"}).startswith("The two runs")


def test_git_versions_and_checkpoint_hashes(tmp_path):
    assert provenance.git_revision(tmp_path) is None
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert provenance.git_revision(tmp_path) is None, "no commit yet"
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    first = provenance.checkpoint_hash(folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.json").write_text("{ }")
    assert first != provenance.checkpoint_hash(other)
    assert len(first) == 64


def test_large_files_are_hashed_at_both_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "_WHOLE", 10)
    monkeypatch.setattr(provenance, "_END", 4)
    hashes = set()
    for name, data in (("a", b"abcd....wxyz"), ("b", b"abcd____wxyz"), ("c", b"abcd....wxy!")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights").write_bytes(data)
        hashes.add(provenance.checkpoint_hash(tmp_path / name))
    assert len(hashes) == 2


def test_models_are_named_in_lm_evals_way_or_directly():
    assert contestant_from_arguments("vita", "pretrained=some/model,dtype=bfloat16").name == "some/model"
    assert settings_of(contestant_from_arguments("nano", "context=512")).context == 512
    assert settings_of(contestant_from_arguments("nano", "")).engines == 1
    remote = contestant_from_arguments(
        "local-chat-completions", "base_url=http://h:1/v1/chat/completions,model=m,api_key=secret"
    )
    assert remote.args["base_url"] == "http://h:1/v1"
    assert shown_args(remote)["api_key"] == "…"
    engine = build_engine(remote)
    assert isinstance(engine, RemoteEngine)
    assert (engine.address, engine.model) == ("http://h:1/v1", "m")
    asyncio.run(engine.close())
    assert contestant_from_arguments("http://h:1/v1", "model=m").source == "remote"
    assert isinstance(build_engine(contestant_from_arguments("simulated", "seconds=0.5")), SimulatedEngine)
    assert parse_args("a=1,b=0.5,c=true,d=x") == {"a": 1, "b": 0.5, "c": True, "d": "x"}
    with pytest.raises(SettingsError, match="needs its address"):
        contestant_from_arguments("remote", "model=m")


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0c", "\r\n"])
def test_samples_whose_texts_part_lines_are_read_again(character, tmp_path):
    samples = [{"doc_id": 0, "doc": f"one{character}two"}, {"doc_id": 1, "doc": "three"}]
    lines = [json.dumps(sample, ensure_ascii=False) for sample in samples]
    for end in ("\n", "\r\n", "\n\n"):
        (tmp_path / "samples_mme_1.jsonl").write_bytes("".join(line + end for line in lines).encode())
        assert result_files.read_samples(tmp_path / "results_1.json", "mme") == samples
