"""The error tree: who is under whom, and that messages are fit for people."""

import inspect

import pytest

from vita import errors
from vita.errors import InputError, LimitError, MediaError, PromptTooLongError, VitaError


def every_error():
    return [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, Exception)]


def test_every_error_is_under_one_root():
    assert all(issubclass(each, VitaError) for each in every_error())


def test_the_drawing_in_the_docstring_is_the_tree():
    drawn = {}
    above = {0: "VitaError"}
    for line in errors.__doc__.splitlines():
        if "── " in line:
            place = line.index("── ")
            name = line[place + 3 :].split()[0]
            depth = (place + 3) // 4
            drawn[name] = above[depth - 1]
            above[depth] = name
    assert drawn == {each.__name__: each.__base__.__name__ for each in every_error() if each is not VitaError}


def test_what_a_visitor_did_is_told_from_what_failed_here():
    assert all(issubclass(each, InputError) for each in (MediaError, LimitError, PromptTooLongError))
    assert not issubclass(errors.EngineError, InputError)


def test_a_prompt_too_long_says_by_how_much():
    error = PromptTooLongError(5000, 4096)
    assert (error.tokens, error.limit) == (5000, 4096)
    assert str(error).startswith("The conversation is 904 tokens too long (5000 of at most 4096);")


@pytest.mark.parametrize("each", every_error())
def test_every_error_says_what_it_is_for(each):
    assert each.__doc__
    assert each.__doc__.splitlines()[0].endswith(".")
