"""Which pictures are pages, by their vectors."""

import numpy as np
import pytest

from dejashot.grouping.pages import PageRule, are_pages
from shots import at_cosine

RULE = PageRule(weights=10 * at_cosine(1.0), bias=-5.0, least=0.6)


@pytest.mark.parametrize(("cosine", "page"), [(1.0, True), (0.55, True), (0.5, False), (0.0, False), (-1.0, False)])
def test_a_page_is_told_by_where_its_vector_points(cosine: float, page: bool) -> None:
    assert are_pages(RULE, at_cosine(cosine)[None]).tolist() == [page]


def test_each_picture_is_judged_by_itself() -> None:
    vectors = np.stack([at_cosine(1.0), at_cosine(0.1), at_cosine(0.9, axis=2)])
    assert are_pages(RULE, vectors).tolist() == [True, False, True]


def test_a_model_without_a_rule_knows_no_pages() -> None:
    assert not are_pages(None, at_cosine(1.0)[None]).any()


def test_a_picture_without_a_vector_is_no_page() -> None:
    everything = PageRule(weights=at_cosine(1.0), bias=5.0, least=0.5)
    assert are_pages(everything, np.stack([at_cosine(1.0), np.zeros_like(at_cosine(1.0))])).tolist() == [True, False]
