"""Small arrays of many series survive being flat."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecast_cli.forecasters.saving import pack, unpack

RECORDS = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {"level": st.floats(-1e9, 1e9)},
        optional={
            "ar": st.lists(st.floats(-1, 1), max_size=4),
            "order": st.tuples(st.integers(0, 3), st.integers(0, 3)),
        },
    ),
    max_size=6,
)


@given(RECORDS)
def test_what_is_packed_comes_back_bit_for_bit(
    drawn: list[dict[str, object] | None],
) -> None:
    kinds = {"order": np.int64}
    records = [
        None
        if record is None
        else {name: np.array(value, kinds.get(name, float)) for name, value in record.items()}
        for record in drawn
    ]
    back = unpack(pack(records))
    assert len(back) == len(records)
    for before, after in zip(records, back, strict=True):
        if before is None or after is None:
            assert before is after is None
            continue
        assert set(before) == set(after)
        for name, array in before.items():
            assert (array.shape, array.dtype) == (after[name].shape, after[name].dtype)
            assert array.tobytes() == after[name].tobytes()


def test_matrices_keep_their_shape() -> None:
    states = [{"states": np.arange(6.0).reshape(2, 3)}, {"states": np.ones((1, 3))}]
    first, second = unpack(pack(states))
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first["states"], states[0]["states"])
    assert second["states"].shape == (1, 3)
