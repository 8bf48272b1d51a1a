"""A record as text: all of it comes back, and what is not ours is refused in one way."""

from __future__ import annotations

import json
from random import Random

import pytest
from auth_core import Moment, Secret, Token
from auth_core.policy import Refusal
from auth_core.store import RefreshIntent, TokenRecord
from auth_core.store.codec import decode_record, decode_refusals, encode_record, encode_refusals
from hypothesis import given
from hypothesis import strategies as st

NOW = Moment(1_750_000_000.0, 1_000.0)
RECORD = TokenRecord(
    Token(
        access_token=Secret("access"),
        refresh_token=Secret("refresh"),
        extras={"id_token": Secret("id"), "user": 7},
        issued=NOW.later(-10),
        lifetime=60.0,
        generation=3,
        grant="password",
        server_offset=1.5,
    ),
    3,
    RefreshIntent("digest", NOW.wall, 4711),
)
REFUSED = (Refusal(NOW.wall, 400, "invalid_grant"), Refusal(NOW.wall + 1, 401, None))
DOCUMENT = json.loads(encode_record(RECORD))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def paths(value, path=()):
    """Every place in a JSON document."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*path, name))


def changed(value, path, new):
    return new if not path else {**value, path[0]: changed(value[path[0]], path[1:], new)}


def test_every_field_comes_back():
    assert decode_record(encode_record(RECORD), NOW) == RECORD


def test_moments_are_kept_in_the_time_of_the_store():
    text = encode_record(RECORD, clock_offset=100.0)

    assert json.loads(text)["token"]["issued_at"] == NOW.wall - 10 + 100
    assert decode_record(text, NOW, clock_offset=100.0) == RECORD


@given(st.binary() | st.text() | json_values.map(json.dumps))
def test_what_is_no_record_is_a_value_error(text):
    for decode in (lambda: decode_record(text, NOW), lambda: decode_refusals(text)):
        with pytest.raises(ValueError):
            decode()


@given(st.sampled_from(list(paths(DOCUMENT))), json_values)
def test_one_wrong_value_gives_a_record_or_a_value_error(path, value):
    try:
        record = decode_record(json.dumps(changed(DOCUMENT, path, value)), NOW)
    except ValueError:
        return
    token = record.token
    assert token is None or token.lifetime is None or NOW.until(token.ends) < float("inf")
    assert token is None or all(isinstance(extra, Secret | str | int | float) for extra in token.extras.values())
    assert encode_record(record)


@pytest.mark.parametrize("field", ["lifetime", "issued_at", "server_offset"])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none_is_refused(field, number):
    text = encode_record(RECORD).replace(f'"{field}":{json.dumps(DOCUMENT["token"][field])}', f'"{field}":{number}')
    with pytest.raises(ValueError, match="not a token record"):
        decode_record(text, NOW)


@pytest.mark.parametrize("text", ["", " ", "a\nb", "\u00fc"])
def test_a_token_unfit_for_headers_is_refused_without_its_value(text):
    """Somebody else has written it: an HTTP library would show it in its error."""
    document = changed(DOCUMENT, ("token", "access_token"), text)
    with pytest.raises(ValueError, match="not a token record: ValueError"):
        decode_record(json.dumps(document), NOW)


def damaged(text: bytes, random: Random) -> bytes:
    """A text with one to three small changes."""
    changed = bytearray(text)
    for _ in range(random.randint(1, 3)):
        at, count = random.randrange(len(changed)), random.randint(1, 8)
        match random.randrange(5):
            case 0:
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                changed[at] = random.choice(b'09azAZ"\\,:{} ')
            case 2:
                del changed[at : at + count]
            case 3:
                changed[at:at] = changed[at : at + count]
            case _:
                changed[at : at + count] = reversed(changed[at : at + count])
    return bytes(changed)


@pytest.mark.parametrize(
    ("whole", "encoded", "decode"),
    [
        (RECORD, encode_record(RECORD), lambda text: decode_record(text, NOW)),
        (REFUSED, encode_refusals(REFUSED), decode_refusals),
    ],
)
def test_a_damaged_record_is_none(whole, encoded, decode):
    random, refused = Random(10), 0
    for _ in range(1_000):
        try:
            assert decode(damaged(encoded.encode(), random)) == whole
        except ValueError:
            refused += 1

    assert refused > 900


@pytest.mark.parametrize(("old", "new"), [(':"access"', ':"bccess"'), ('"intent"', '"intenu"'), (":3,", ":2,")])
def test_a_changed_record_is_reported_as_damaged(old, new):
    with pytest.raises(ValueError, match=r"does not match its digest: it was damaged") as failure:
        decode_record(encode_record(RECORD).replace(old, new), NOW)

    assert "bccess" not in str(failure.value)


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_endless_nesting_is_a_value_error(depth):
    with pytest.raises(ValueError):
        decode_record('{"version":1,"generation":' + "[" * depth, NOW)
    with pytest.raises(ValueError):
        decode_record('{"version":1,"generation":' + "[" * depth + "]" * depth + "}", NOW)


def test_the_error_quotes_nothing_of_the_text():
    text = encode_record(RECORD).replace('"lifetime":60.0', '"lifetime":"canary"').replace(":3", ':"canary"')
    with pytest.raises(ValueError) as failure:
        decode_record(text, NOW)

    assert "canary" not in str(failure.value)
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("text", ['{"version":2,"generation":1}', '{"generation":1}', "{}"])
def test_another_version_is_not_guessed_at(text):
    with pytest.raises(ValueError, match="version"):
        decode_record(text, NOW)


def test_a_clock_set_back_never_lengthens_a_tokens_lifetime():
    earlier = NOW.later(-1_000_000)
    token = decode_record(encode_record(RECORD), earlier).token

    assert earlier.until(token.ends) == 60


@given(st.lists(st.tuples(st.floats(0, 4e9), st.integers(0, 599), st.none() | st.text()), max_size=9))
def test_refusals_come_back(entries):
    refusals = tuple(Refusal(*entry) for entry in entries)

    assert decode_refusals(encode_refusals(refusals)) == refusals
