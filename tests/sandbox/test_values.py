from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.values import stored
from gatekeeper.sandbox.schema import FieldType, PicklistValue

TEXT = FieldType("Name", "string", "Name", length=5)
LONG = FieldType("Body", "textarea", "Body", length=50)
AMOUNT = FieldType("Amount", "currency", "Amount", precision=5, scale=2)
COUNT = FieldType("Count", "int", "Count", precision=3)
DAY = FieldType("Day", "date", "Day")
AT = FieldType("At", "datetime", "At")
FLAG = FieldType("Flag", "boolean", "Flag")
EMAIL = FieldType("Email", "email", "Email", length=80)
MANY = FieldType(
    "Many",
    "multipicklist",
    "Many",
    length=40,
    restricted_picklist=True,
    picklist=(PicklistValue("a", "A"), PicklistValue("b", "B")),
)


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        (TEXT, " ab ", "ab"),
        (TEXT, "", None),
        (LONG, "  two\nlines \n", "  two\nlines"),
        (AMOUNT, 12, 12.0),
        (AMOUNT, "12.345", 12.35),
        (COUNT, 12.0, 12),
        (COUNT, "", None),
        (DAY, "2026-11-30", "2026-11-30"),
        (DAY, "2026-11-30T23:00:00Z", "2026-11-30"),
        (AT, "2026-11-30T01:00:00+02:00", "2026-11-29T23:00:00.000+0000"),
        (AT, "2026-11-30", "2026-11-30T00:00:00.000+0000"),
        (FLAG, "TRUE", True),
        (FLAG, False, False),
        (EMAIL, "a@b.co", "a@b.co"),
        (MANY, "a;b", "a;b"),
        (MANY, None, None),
    ],
)
def test_a_value_is_stored_as_the_wire_has_it(
    field: FieldType, given: object, expected: object
):
    kept = stored(field, given)
    assert kept == expected
    assert type(kept) is type(expected)


@pytest.mark.parametrize(
    ("field", "given", "code"),
    [
        (TEXT, "abcdef", "STRING_TOO_LONG"),
        (TEXT, 5, "JSON_PARSER_ERROR"),
        (TEXT, ["a"], "JSON_PARSER_ERROR"),
        (TEXT, {"a": 1}, "JSON_PARSER_ERROR"),
        (AMOUNT, "much", "JSON_PARSER_ERROR"),
        (AMOUNT, True, "JSON_PARSER_ERROR"),
        (AMOUNT, "nan", "JSON_PARSER_ERROR"),
        (AMOUNT, 1000, "NUMBER_OUTSIDE_VALID_RANGE"),
        (COUNT, 1.5, "JSON_PARSER_ERROR"),
        (DAY, "30.11.2026", "JSON_PARSER_ERROR"),
        (DAY, "2026-02-30", "JSON_PARSER_ERROR"),
        (AT, "2026-11-30T01:00:00", "JSON_PARSER_ERROR"),
        (FLAG, "yes", "JSON_PARSER_ERROR"),
        (FLAG, 1, "JSON_PARSER_ERROR"),
        (EMAIL, "nobody", "INVALID_EMAIL_ADDRESS"),
        (MANY, "a;c", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ],
)
def test_a_value_of_another_kind_is_refused(field: FieldType, given: object, code: str):
    with pytest.raises(SalesforceError) as caught:
        stored(field, given)
    assert caught.value.code == code


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@given(field=st.sampled_from([TEXT, LONG, AMOUNT, COUNT, DAY, AT, FLAG]), raw=anything)
def test_what_is_stored_can_be_stored_again_unchanged(field: FieldType, raw: object):
    try:
        kept = stored(field, raw)
    except SalesforceError:
        return
    assert stored(field, kept) == kept
