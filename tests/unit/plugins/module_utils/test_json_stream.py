# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON as it arrives: the same values and errors as the standard library's, wherever the pieces end, and without the whole text."""

from __future__ import annotations

import json
import tracemalloc

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._litellm.json_stream import read_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8)
ANSWERS = VALUES | st.builds(
    lambda members, data: {**members, "data": data}, st.dictionaries(st.text(), VALUES), st.lists(VALUES, max_size=4)
)

MODEL = {
    "model_name": "gränite 3",
    "litellm_params": {"model": "openai/x", "rpm": 7, "input_cost_per_token": 1.5e-07},
    "model_info": {"id": "a", "mode": None, "supported_openai_params": ["n", "stop"], "nested": [{"a": [1, 1.0, True]}]},
}


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@hypothesis.given(answer=ANSWERS, size=st.integers(1, 40), ascii_only=st.booleans(), indent=st.none() | st.integers(0, 2))
@hypothesis.settings(max_examples=60, deadline=None)
def test_the_same_value_wherever_the_pieces_end(answer: object, size: int, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(answer, ensure_ascii=ascii_only, indent=indent)
    read = read_json(pieces(text.encode(), size))
    # As text, because 1, 1.0 and true are equal.
    assert json.dumps(read) == json.dumps(answer)


@pytest.mark.parametrize("text", ["1.5e-07", "-12", "true", ' {"data": 1.25e3 , "total_count":501}\n', '{"data": [1.5, 20e1, -3]}'])
def test_a_number_is_not_cut_where_a_piece_ends(text: str) -> None:
    for size in range(1, len(text) + 1):
        assert read_json(pieces(text.encode(), size)) == json.loads(text)


WRONG = [
    "",
    " ",
    "<html>",
    "{",
    '{"data": [',
    '{"data": [1, 2',
    '{"data": [1, ]}',
    '{"data": [1 2]}',
    '{"data": [1]',
    '{"data": [1]} {}',
    '{"a": 1,}',
    '{"a" 1}',
    "{1: 2}",
    "[1, 2",
    "tru",
    '{"data": "',
    '{"data": [{"a": }]}',
    "1.",
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_json(text: str) -> None:
    for read in (json.loads, lambda text: read_json(pieces(text.encode(), 1)), lambda text: read_json(pieces(text.encode(), 1000))):
        with pytest.raises(ValueError, match=r"^(Expecting|Extra|Unterminated|Illegal|no . where|a member|more than one)"):
            read(text)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        read_json([b'{"data": ["\xff"]}'])
    assert read_json([b"\xef\xbb", b'\xbf{"data": []}']) == {"data": []}


def test_the_whole_text_is_never_there() -> None:
    """Of what is read one piece and one entry at a time only the values stay, and of these one of each."""
    body = json.dumps({"data": [dict(MODEL, description="x" * 5000) for _number in range(400)], "total_count": 400}).encode()
    tracemalloc.start()
    read = read_json(pieces(body, 16384))
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read["data"]) == 400
    assert len(body) > 2_000_000
    # The pieces themselves are the body.
    assert peak - len(body) < 900_000
    assert now - len(body) < 700_000


def test_what_models_have_in_common_is_kept_once() -> None:
    one, other = read_json([json.dumps({"data": [MODEL, dict(MODEL, model_name="b")]}).encode()])["data"]
    assert one == MODEL
    assert one["model_info"]["supported_openai_params"] is other["model_info"]["supported_openai_params"]
    assert one["litellm_params"]["model"] is other["litellm_params"]["model"]
    assert [id(name) for name in one["model_info"]] == [id(name) for name in other["model_info"]]
    assert one["model_info"] is not other["model_info"]
    assert [type(number) for number in one["model_info"]["nested"][0]["a"]] == [int, float, bool]
