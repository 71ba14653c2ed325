# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.benchmark import predecessor, report, results, scenarios, targets
from tests.benchmark.distance import distant
from tests.benchmark.measure import port_of, with_port
from tests.benchmark.results import Cost, Counts, Result, Results


def result(
    way: str = results.MODULE, *walls: float, chapter: str = scenarios.SYNC, scenario: str = scenarios.NOTHING, size: int = 1000
) -> Result:
    """Return a result with these seconds."""
    return Result(chapter, scenario, way, size, tuple(Cost(wall, wall / 2, 40.0 + wall) for wall in walls or (1.0,)))


def test_a_result_is_its_median_and_its_most_memory() -> None:
    one = result(results.MODULE, 3.0, 1.0, 2.5)
    assert (one.wall_s, one.cpu_s, one.peak_mb) == (2.5, 1.25, 43.0)
    assert one.spread() == "2.50 (1.00 to 3.00)"


def test_a_kept_result_is_the_same_again() -> None:
    one = dataclasses.replace(result(), counts=Counts(1, 1, 6, 1), distance_ms=20.0)
    assert Result.from_json(json.loads(json.dumps(one.as_json()))) == one


def test_what_is_computed_is_marked_wherever_it_shows() -> None:
    loop = results.computed([result(results.TASK_LOOP, 60.0, chapter=scenarios.PLAYBOOK, size=100)], 1000)
    assert (loop.wall_s, loop.computed_from, loop.counts) == (600.0, 100, None)
    assert loop.spread() == "≈ 600 *"
    table = report.generated(Results([result(results.PLAYBOOK, 3.0, chapter=scenarios.PLAYBOOK), loop]), {})
    assert "| 3.00 | ≈ 600 * | 200 * |" in table


def test_two_sizes_tell_what_a_run_costs_without_any_model() -> None:
    loops = [result(results.TASK_LOOP, 1.0 + 0.6 * size, size=size) for size in (10, 100)]
    assert results.computed(loops, 1000).wall_s == pytest.approx(601.0)


def test_ratios_are_of_the_same_situation() -> None:
    one = result(results.MODULE, 1.5)
    found = Results([one, result(results.FLOOR, 0.5, size=10), result(results.FLOOR, 1.0), result(results.ROW_BY_ROW, 6.0)])
    table = report.generated(found, {})
    assert "| nothing to do | 1,000 | 1.50 | 1.00 | 1.50 | 6.00 | 4.00 |" in table
    assert found.ratio(one, results.ROW_BY_ROW) == 4.0


@pytest.mark.parametrize(("wall", "sentences"), [(2.0, 0), (2.1, 1)])
def test_a_module_may_take_twice_the_floor(wall: float, sentences: int) -> None:
    missed = targets.missed(Results([result(results.MODULE, wall), result(results.FLOOR, 1.0)]))
    assert len(missed) == sentences


@pytest.mark.parametrize(("loop", "sentences"), [(241.0, 0), (239.0, 1)])
def test_the_task_loop_takes_many_times_as_long(loop: float, sentences: int) -> None:
    found = [result(way, wall, chapter=scenarios.PLAYBOOK) for way, wall in ((results.PLAYBOOK, 3.0), (results.TASK_LOOP, loop))]
    assert len(targets.missed(Results(found))) == sentences


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (dataclasses.replace(result(), counts=Counts(1, 1, 13, 1)), "is 13.00, and may be at most 12 statements"),
        (dataclasses.replace(result(), counts=Counts(1, 1, 6, 2)), "is 2.00, and may be at most 1 connection"),
        (result(results.MODULE, 111.0, size=5000), "is 151.00, and may be at most 150 MB"),
        (dataclasses.replace(result(chapter=scenarios.DISTANCE), distance_ms=20.0, costs=(Cost(2.51, 0.5, 40.0),)), "is 2.51, and may be"),
    ],
)
def test_each_limit_is_checked(one: Result, sentence: str) -> None:
    assert [text for text in targets.missed(Results([one])) if sentence in text]


def test_cost_must_be_linear() -> None:
    missed = targets.missed(Results([result(results.MODULE, 1.0), result(results.MODULE, 7.6, size=5000)]))
    assert missed == [
        "A model among 5,000, to a model among 1,000: litemaas_model_sync, nothing to do is 1.52, and may be at most 1.5 times"
    ]


def test_a_target_without_a_measurement_is_not_met() -> None:
    assert report.targets_table(Results()).count("not measured") == len(targets.TARGETS)


@pytest.mark.parametrize("text", ["", report.BEGIN, f"{report.END} {report.BEGIN}", f"{report.BEGIN}{report.END}{report.BEGIN}"])
def test_a_document_without_its_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="once each"):
        report.with_generated(text, "new")


def test_only_the_generated_part_of_a_document_changes() -> None:
    text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    assert report.with_generated(text, "new") == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"


def test_the_document_has_the_targets_of_the_code_and_its_plot() -> None:
    text = report.DOCUMENT.read_text(encoding="utf-8")
    part = text.partition(report.BEGIN)[2].partition(report.END)[0]
    assert re.findall(r"^\| ([^|]+) \| (at (?:most|least) [^|]+) \|", part, re.MULTILINE) == [
        (target.what, target.described()) for target in targets.TARGETS
    ]
    assert f"]({report.PLOT.name})" in text
    assert 1_000 < report.PLOT.stat().st_size < 100_000


def test_a_task_loop_has_a_task_for_each_step_and_runs_psql() -> None:
    tasks = predecessor.playbook()[0]["tasks"]
    assert [task["loop"] for task in tasks] == ["{{ models }}", "{{ models | zip(found.results) | list }}", "{{ models }}"]
    assert "ON CONFLICT (id) DO UPDATE" in " ".join(tasks[-1]["ansible.builtin.command"]["argv"])


def test_the_port_of_a_database_url_is_read_and_changed() -> None:
    url = "postgresql://user:demo-password-not-real@127.0.0.1:5432/name"
    assert port_of(url) == 5432
    assert with_port(url, 1) == "postgresql://user:demo-password-not-real@127.0.0.1:1/name"


@contextlib.contextmanager
def echo() -> Iterator[int]:
    """Return the port of a server that says everything again, on one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _address = listener.accept()
            with client:
                while data := client.recv(65536):
                    client.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def test_distance_delays_and_does_not_slow_down() -> None:
    """Thirty pieces on their way at once come back after one round trip; one after the other they would take three seconds."""
    with echo() as port, distant(port, 100) as far, socket.create_connection(("127.0.0.1", far)) as client:
        began = time.monotonic()
        for number in range(30):
            client.sendall(bytes([number]))
            time.sleep(0.002)
        got = b""
        while len(got) < 30:
            got += client.recv(30)
        took = time.monotonic() - began
    assert got == bytes(range(30))
    assert 0.1 <= took < 2.5
