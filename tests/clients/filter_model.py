"""Which points a filter matches, as plainly as can be.

Points are {"id", "payload", "vectors"}, filters what requests say, both as Python reads JSON."""
import math
import operator
import re
from datetime import datetime, timezone

from qdrant_client.local.siphash import point_id_slice

EARTH_RADIUS_M = 6_371_008.8

# --- Paths: `a.b[].c[1]`. ---

STEP = re.compile(r'"([^"]*)"|([^.\[\]"]+)|\[(\d*)\]')


def steps_of(path):
    """Texts are keys, numbers are places in an array, None is each of its elements."""
    return [key or quoted if index is None else int(index) if index else None
            for quoted, key, index in (step.groups() for step in STEP.finditer(path))]


def values(path, payload):
    """All that the path leads to."""
    found = [payload]
    for step in steps_of(path):
        found = [inner for outer in found for inner in inside(outer, step)]
    return found


def inside(value, step):
    if isinstance(step, str):
        return [value[step]] if isinstance(value, dict) and step in value else []
    if not isinstance(value, list):
        return []
    return value if step is None else value[step:step + 1]


def elements(path, payload):
    """The same with arrays taken apart."""
    return [element for value in values(path, payload) for element in (value if isinstance(value, list) else [value])]


# --- Filters. ---


def matches(wanted, point):
    held = {name: [holds(condition, point) for condition in as_list(wanted.get(name, []))]
            for name in ("must", "should", "must_not")}
    enough = wanted.get("min_should", {"conditions": [], "min_count": 0})
    return (all(held["must"]) and not any(held["must_not"]) and (any(held["should"]) or not held["should"]) and
            sum(holds(condition, point) for condition in enough["conditions"]) >= enough["min_count"])


def as_list(conditions):
    return conditions if isinstance(conditions, list) else [conditions]


def holds(condition, point):
    """An object inside a payload is a point that has nothing but a payload."""
    if "key" in condition:
        return field_holds(condition, point["payload"])
    if "is_empty" in condition:
        return is_empty(values(condition["is_empty"]["key"], point["payload"]))
    if "is_null" in condition:
        return has_null(values(condition["is_null"]["key"], point["payload"]))
    if "has_id" in condition:
        return point["id"] in condition["has_id"]
    if "has_vector" in condition:
        return condition["has_vector"] in point["vectors"]
    if "slice" in condition:
        return point_id_slice(point["id"], condition["slice"]["total"]) == condition["slice"]["index"]
    if "nested" in condition:
        arrays = values(condition["nested"]["key"].removesuffix("[]"), point["payload"])
        objects = [one for array in arrays if isinstance(array, list) for one in array if isinstance(one, dict)]
        return any(matches(condition["nested"]["filter"], {"payload": one}) for one in objects)
    return matches(condition, point)


def field_holds(condition, payload):
    (test, wanted), = ((name, value) for name, value in condition.items() if name != "key")
    found = values(condition["key"], payload)
    if test == "is_empty":
        return is_empty(found) == wanted
    if test == "is_null":
        return has_null(found) == wanted
    if test == "values_count":
        return any(within(size(value), wanted) for value in found or [None])
    return any(VALUE_TESTS[test](value, wanted) for value in elements(condition["key"], payload))


def size(value):
    if isinstance(value, list):
        return len(value)
    return 0 if value is None else 1


def is_empty(found):
    return all(size(value) == 0 for value in found)


def has_null(found):
    return any(value is None or (isinstance(value, list) and None in value) for value in found)


def value_matches(value, match):
    (test, wanted), = match.items()
    if test == "value":
        return same(value, wanted)
    if test == "any":
        return any(same(value, one) for one in wanted)
    if test == "except":
        return value is not None and not any(same(value, one) for one in wanted)
    return isinstance(value, str) and text_matches(value, test, wanted)


def same(a, b):
    """1, 1.0 and true are three values in JSON."""
    return type(a) is type(b) and a == b


def text_matches(text, test, wanted):
    if test == "prefix":
        return text.startswith(wanted)
    if test == "substring":
        return wanted in text
    have, need = words(text), words(wanted)
    if test == "text":
        return need != [] and all(word in have for word in need)
    if test == "text_any":
        return any(word in have for word in need)
    return need != [] and f" {' '.join(need)} " in f" {' '.join(have)} "  # a phrase


def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def in_range(value, bounds):
    if any(isinstance(bound, str) for bound in bounds.values()):
        return moment(value) is not None and within(moment(value), {name: moment(text) for name, text in bounds.items()})
    return is_number(value) and within(value, bounds)


def within(value, bounds):
    return all(getattr(operator, {"gte": "ge", "lte": "le"}.get(name, name))(value, bound)
               for name, bound in bounds.items())


def is_number(value):
    return type(value) in (int, float)


def is_whole(value):
    return type(value) is int and -2**63 <= value < 2**63


def moment(value):
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def is_place(value):
    return isinstance(value, dict) and is_number(value.get("lon")) and is_number(value.get("lat"))


def in_circle(value, circle):
    return is_place(value) and meters(value, circle["center"]) <= circle["radius"]


def meters(a, b):
    lon_a, lat_a, lon_b, lat_b = (math.radians(angle) for angle in (a["lon"], a["lat"], b["lon"], b["lat"]))
    half = (math.sin((lat_b - lat_a) / 2)**2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2)**2)
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


def in_box(value, box):
    if not is_place(value):
        return False
    north_west, south_east = box["top_left"], box["bottom_right"]
    east_of, west_of = value["lon"] > north_west["lon"], value["lon"] < south_east["lon"]
    across_the_date_line = north_west["lon"] > south_east["lon"]
    in_width = (east_of or west_of) if across_the_date_line else (east_of and west_of)
    return in_width and south_east["lat"] < value["lat"] < north_west["lat"]


def in_polygon(value, polygon):
    return (is_place(value) and in_ring(value, polygon["exterior"]["points"]) and
            not any(in_ring(value, ring["points"]) for ring in polygon["interiors"]))


def in_ring(place, corners):
    """Whether a line to the east crosses the ring an odd number of times."""
    crossings = 0
    for a, b in zip(corners, corners[1:]):
        if (a["lat"] > place["lat"]) != (b["lat"] > place["lat"]):
            share = (place["lat"] - a["lat"]) / (b["lat"] - a["lat"])
            crossings += place["lon"] < a["lon"] + share * (b["lon"] - a["lon"])
    return crossings % 2 == 1


VALUE_TESTS = {"match": value_matches, "range": in_range, "geo_radius": in_circle, "geo_bounding_box": in_box,
               "geo_polygon": in_polygon}
