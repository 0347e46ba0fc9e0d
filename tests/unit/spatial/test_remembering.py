"""What was found about shapes is found once, and forgotten."""

import numpy as np
import pytest
import shapely

from ecogis.spatial.remembering import remembered, remembering

BOXES = np.array([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1), None], dtype=object)


@pytest.fixture
def asked():
    return []


@pytest.fixture
def count(asked):
    @remembered
    def counted(shapes):
        asked.append(len(shapes))
        return len(shapes)

    return counted


def test_outside_it_every_question_is_asked(count, asked):
    count(BOXES)
    count(BOXES)
    assert asked == [3, 3]


def test_the_same_shapes_in_the_same_order_are_asked_about_once(count, asked):
    with remembering():
        assert count(BOXES) == count(BOXES.copy()) == 3
        count(BOXES[::-1])
        count(BOXES[:2])
    assert asked == [3, 3, 2]


def test_equal_shapes_that_are_not_the_same_are_asked_about_again(count, asked):
    again = np.array([shapely.box(0, 0, 1, 1)])
    with remembering():
        count(BOXES[:1])
        count(again)
    assert asked == [1, 1]


def test_what_is_changed_in_the_array_afterwards_is_seen(count, asked):
    mine = BOXES.copy()
    with remembering():
        count(mine)
        mine[0] = None
        count(mine)
    assert asked == [3, 3]


def test_nothing_is_kept_after_the_block(count, asked):
    with remembering():
        count(BOXES)
    count(BOXES)
    assert asked == [3, 3]


def test_two_functions_do_not_answer_for_each_other(count):
    area = remembered(lambda shapes: float(np.nansum(shapely.area(shapes))))
    with remembering():
        assert (count(BOXES), area(BOXES)) == (3, 2.0)
