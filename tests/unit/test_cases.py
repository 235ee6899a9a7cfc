"""The tables of cases that the other tests use."""

import pytest

from tests.support.cases import all_cases


def three_failures(ran: list[str]) -> None:
    """An assertion, an error and a `pytest.fail` among four cases."""
    with all_cases() as case:
        for name in "abcd":
            with case(name):
                ran.append(name)
                assert name != "a"
                if name == "b":
                    raise OSError("broken")
                if name == "d":
                    pytest.fail("no")


def failure_after_a_failed_case() -> None:
    with all_cases() as case:
        with case("a"):
            raise ValueError("a")
        raise OSError("after it")


def timeout_in_a_case() -> None:
    with all_cases() as case:
        with case("endless"):
            pytest.fail("Timeout (>120.0s) from pytest-timeout.")
        raise AssertionError("went on")


def no_case() -> None:
    with all_cases():
        pass


def test_every_case_runs_and_each_failure_is_named() -> None:
    """Whatever kind of failure it is."""
    ran: list[str] = []
    with pytest.raises(BaseExceptionGroup, match="3 of 4 cases failed: a, b, d") as failed:
        three_failures(ran)
    assert ran == [*"abcd"]
    notes = [failure.__notes__ for failure in failed.value.exceptions]
    assert notes == [["case: a"], ["case: b"], ["case: d"]]


def test_a_failure_outside_of_the_cases_does_not_hide_theirs() -> None:
    """Say, of what must hold after the last case."""
    with pytest.raises(BaseExceptionGroup) as failed:
        failure_after_a_failed_case()
    assert [type(failure) for failure in failed.value.exceptions] == [ValueError, OSError]


def test_a_timeout_ends_the_test() -> None:
    """The cases after it do not run, or the test would go on without any limit."""
    with pytest.raises(pytest.fail.Exception, match="Timeout"):
        timeout_in_a_case()


def test_an_empty_table_fails() -> None:
    """It would pass whatever the product does."""
    with pytest.raises(AssertionError, match="empty"):
        no_case()
