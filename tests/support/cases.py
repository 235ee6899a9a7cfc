"""Many cases in one test, since what pytest does for each test costs more than most cases do."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

Case = Callable[[str], AbstractContextManager[None]]


@contextmanager
def all_cases() -> Iterator[Case]:
    """Every case runs, whatever became of those before it. If any failed, the test fails in the
    end, with the name and the traceback of each; it also fails if there was no case at all.

        with all_cases() as case:
            for name, text in TABLE.items():
                with case(name):
                    assert refuses(text)
    """
    failures: list[BaseException] = []
    names: list[str] = []
    count = 0

    @contextmanager
    def case(name: str) -> Iterator[None]:
        nonlocal count
        count += 1
        try:
            yield
        except (Exception, pytest.fail.Exception) as failure:
            # The timeout of the whole test arrives as a failure, and must end it.
            if str(failure).startswith("Timeout"):
                raise
            failure.add_note(f"case: {name}")
            failures.append(failure)
            names.append(name)

    try:
        yield case
    except Exception as failure:
        failures.append(failure)
        names.append("(outside of the cases)")
    if failures:
        message = f"{len(failures)} of {count} cases failed: {', '.join(names)}"
        raise BaseExceptionGroup(message, failures)
    assert count, "the table is empty"
