"""Geometry in a child process: the same results, and an end to what has none."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest
import shapely
from shapely import box

from ecogis.spatial import bounded, bounded_child
from ecogis.spatial.bounded import Bounds, Child, faces, mended

BOW_TIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def star(points):
    """Every vertex is joined with the one most opposite: it crosses itself everywhere."""
    angle = np.arange(points + 1) * 2 * np.pi * (points // 2) / points
    return shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]))


def test_polygons_are_mended_as_by_shapely():
    shapes = [star(31), BOW_TIE, box(0, 0, 1, 1)]
    found = mended(shapes)
    expected = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    assert shapely.equals_exact(found.shape, expected).all()
    assert found.why.tolist() == ["", "", ""]


def test_nothing_to_do_starts_nothing(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    assert len(mended([]).shape) == 0
    assert faces([]) == (pytest.approx([]), "")


def test_a_shape_that_takes_too_long_is_left_and_the_others_are_mended():
    found = mended([star(1001), BOW_TIE, star(801)], Bounds(seconds=0.1))
    assert found.why.tolist() == ["time", "", "time"]
    assert found.shape[0].equals_exact(star(1001), 0)
    assert found.shape[1].area == 2.0


def test_the_time_of_a_batch_is_spent_on_the_small_ones_first():
    found = mended([star(1001), star(801), BOW_TIE], Bounds(seconds=5.0, batch_seconds=0.15))
    assert found.why.tolist() == ["batch", "time", ""]


def test_a_shape_that_takes_too_much_memory():
    found = mended([star(2001), BOW_TIE], Bounds(seconds=60.0, megabytes=8))
    assert found.why[0] in {"memory", "crash"}
    assert found.why[1] == ""


@pytest.mark.parametrize(("status", "why"), [("x", "fault"), ("m", "memory")])
def test_what_the_child_could_not_do_is_said(tmp_path, monkeypatch, status, why):
    script = tmp_path / "refuse.py"
    script.write_text(
        "import struct, sys\n"
        "head = struct.Struct('<cdQ')\n"
        "_, _, length = head.unpack(sys.stdin.buffer.read(head.size))\n"
        "sys.stdin.buffer.read(length)\n"
        f"sys.stdout.buffer.write(head.pack(b'{status}', 0.5, 0))\n"
    )
    monkeypatch.setattr(bounded, "_SCRIPT", script)
    found = mended([BOW_TIE])
    assert found.why.tolist() == [why]
    assert found.shape[0].equals_exact(BOW_TIE, 0)


def test_a_child_that_dies_is_replaced():
    with Child(256) as child:
        assert child.ask(bounded_child.MENDED, BOW_TIE, 5.0).shape.area == 2.0
        os.kill(child._process.pid, 9)
        assert (
            child.ask(bounded_child.MENDED, BOW_TIE, 5.0).why == "memory"
        )  # as the system ends it
        assert child.ask(bounded_child.MENDED, BOW_TIE, 5.0).why == ""


def test_a_child_that_crashes_says_so(tmp_path, monkeypatch):
    script = tmp_path / "crash.py"
    script.write_text("raise SystemExit(3)")
    monkeypatch.setattr(bounded, "_SCRIPT", script)
    assert mended([BOW_TIE]).why.tolist() == ["crash"]


def test_a_child_that_never_answers_is_ended(tmp_path, monkeypatch):
    script = tmp_path / "sleep.py"
    script.write_text("import time; time.sleep(600)")
    monkeypatch.setattr(bounded, "_SCRIPT", script)
    monkeypatch.setattr(bounded, "_GRACE_S", 0.2)
    assert mended([BOW_TIE], Bounds(seconds=0.01)).why.tolist() == ["time"]


def test_a_child_that_cannot_start(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert mended([BOW_TIE, BOW_TIE]).why.tolist() == ["start", "start"]


def test_it_works_from_a_line_of_code_and_from_a_thread():
    code = (
        "import threading, shapely; from ecogis.spatial.bounded import mended\n"
        "shape = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])\n"
        "work = threading.Thread(target=lambda: print(mended([shape]).shape[0].area))\n"
        "work.start(); work.join()"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "2.0"


def test_faces_of_lines_that_cross():
    lines = shapely.linestrings(
        [[(0, 1), (3, 1)], [(0, 2), (3, 2)], [(1, 0), (1, 3)], [(2, 0), (2, 3)]]
    )
    found, why = faces(lines)
    assert why == ""
    assert [face.area for face in found] == [1.0]


def test_faces_that_take_too_long():
    lines = [[(k, -1), (k, 2_000)] for k in range(1_500)]
    lines += [[(-1, k), (2_000, k)] for k in range(1_500)]
    found, why = faces(shapely.linestrings(lines), Bounds(batch_seconds=0.1))
    assert (len(found), why) == (0, "time")


def answered(*requests):
    """What the child writes for some requests, in this process."""
    asked, answers = io.BytesIO(b"".join(requests)), io.BytesIO()
    bounded_child.serve(asked, answers)
    answers.seek(0)
    while head := answers.read(bounded_child.HEADER.size):
        status, seconds, length = bounded_child.HEADER.unpack(head)
        assert seconds >= 0
        yield status, answers.read(length)


def request(operation, body):
    return bounded_child.HEADER.pack(operation, 0.0, len(body)) + body


def test_the_child_answers_each_request_and_ends_with_them():
    good = request(bounded_child.MENDED, shapely.to_wkb(BOW_TIE))
    bad = request(bounded_child.MENDED, b"no geometry")
    cut = good[:5]
    found = list(answered(good, bad, good, cut))
    assert [status for status, _ in found] == [b"v", b"x", b"v"]
    assert shapely.from_wkb(found[0][1]).area == 2.0


def test_what_is_out_of_memory_is_said(monkeypatch):
    for fault, status in (
        (MemoryError(), b"m"),
        (shapely.errors.GEOSException("std::bad_alloc"), b"m"),
        (shapely.errors.GEOSException("TopologyException"), b"x"),
    ):

        def fail(_, fault=fault):
            raise fault

        monkeypatch.setitem(bounded_child.OPERATIONS, b"v", fail)
        body = request(bounded_child.MENDED, shapely.to_wkb(BOW_TIE))
        assert list(answered(body)) == [(status, b"")]


def test_what_collapses_is_no_polygon_and_mixed_parts_are_joined(monkeypatch):
    flat = shapely.Polygon([(0, 0), (100, 0), (50, 0)])
    assert bounded_child.mended(flat).is_empty
    mixed = shapely.GeometryCollection(
        [box(0, 0, 1, 1), shapely.Point(5, 5), shapely.MultiPolygon([box(1, 0, 2, 1)])]
    )
    monkeypatch.setattr(shapely, "make_valid", lambda shape, **_: shape)
    assert bounded_child.mended(mixed).area == 2.0
    assert bounded_child.mended(shapely.GeometryCollection([shapely.Point(5, 5)])).is_empty
