from __future__ import annotations

import pytest

from vita.errors import SettingsError
from vita.settings import Settings


def test_without_flags_or_environment_the_defaults_hold():
    assert Settings.from_args([], {}) == Settings()


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_default():
    environ = {"VITA_ENGINES": "1", "VITA_MODEL": "from/environment"}
    settings = Settings.from_args(["--model", "from/flag"], environ)
    assert (settings.model, settings.engines, settings.dtype) == ("from/flag", 1, "auto")


def test_host_and_port_are_read_as_hosting_services_set_them():
    settings = Settings.from_args([], {"HOST": "0.0.0.0", "PORT": "80"})
    assert (settings.host, settings.port) == ("0.0.0.0", 80)


def test_our_own_variable_wins_over_the_bare_one():
    assert Settings.from_args([], {"PORT": "80", "VITA_PORT": "81"}).port == 81


def test_only_host_and_port_are_read_without_the_prefix():
    assert Settings.from_args([], {"MODEL": "other", "ENGINES": "1"}) == Settings()


def test_an_empty_variable_counts_as_not_set():
    assert Settings.from_args([], {"PORT": "", "VITA_THREADS": " "}) == Settings()


def test_remotes_may_be_repeated_as_flags_or_listed_in_the_environment():
    expected = ("http://a/v1", "http://b/v1")
    assert Settings.from_args(["--remotes", expected[0], "--remotes", expected[1]], {}).remotes == expected
    assert Settings.from_args([], {"VITA_REMOTES": "http://a/v1, http://b/v1"}).remotes == expected


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_switches_in_the_environment_are_read_in_words(text, value):
    assert Settings.from_args([], {"VITA_VERBOSE": text}).verbose is value


def test_a_switch_can_be_turned_off_by_flag():
    assert Settings.from_args(["--no-verbose"], {"VITA_VERBOSE": "1"}).verbose is False


@pytest.mark.parametrize(
    ("argv", "environ", "part"),
    [
        (["--engines", "3"], {}, "engines must be 1 or 2"),
        (["--engines", "0"], {}, "engines must be at least 1"),
        (["--engines", "two"], {}, "invalid int value"),
        (["--port", "70000"], {}, "at most 65535"),
        (["--dtype", "int3"], {}, "invalid choice"),
        (["--device-memory", "90"], {}, "share of 1"),
        (["--device-memory", "nan"], {}, "device_memory must be at least"),
        (["--kv-cache-gib", "-1"], {}, "kv_cache_gib must be at least"),
        (["--model", ""], {}, "model is empty"),
        (["--remotes", "host:8000"], {}, "must begin with http"),
        (["--nonsense"], {}, "unrecognized arguments: --nonsense"),
        ([], {"VITA_DTYPE": "int3"}, "dtype must be one of"),
        ([], {"VITA_THREADS": "many"}, "VITA_THREADS=many is no int"),
        ([], {"PORT": "http"}, "PORT=http is no int"),
        ([], {"VITA_VERBOSE": "perhaps"}, "VITA_VERBOSE=perhaps is no bool"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_sentence(argv, environ, part):
    with pytest.raises(SettingsError) as caught:
        Settings.from_args(argv, environ)
    assert part.lower() in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def test_help_explains_every_flag(capsys):
    with pytest.raises(SystemExit) as caught:
        Settings.from_args(["--help"], {})
    shown = " ".join(capsys.readouterr().out.split())
    assert caught.value.code == 0
    for flag in ("--model", "--engines", "--host", "--port", "--dtype", "--device-memory", "--threads", "--no-verbose"):
        assert flag in shown
    assert "(default: 7860)" in shown
    assert "VITA_MODEL" in shown
