"""Coverage of property tests is measured in their first examples: most others take the same lines, more slowly."""

import functools
import sys
from collections.abc import Iterator
from typing import Any

import pytest

EXAMPLES = 25


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Trace the first examples only, where lines are traced at all."""
    prepared, trace = getattr(pyfuncitem.obj, "hypothesis", None), sys.gettrace()
    if prepared is None or trace is None:
        return (yield)
    test, left = prepared.inner_test, EXAMPLES

    @functools.wraps(test)
    def example(*args: Any, **kwargs: Any) -> None:
        nonlocal left
        left -= 1
        sys.settrace(trace if left >= 0 else None)
        try:
            test(*args, **kwargs)
        finally:
            sys.settrace(None)

    prepared.inner_test = example
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(trace)
        prepared.inner_test = test
