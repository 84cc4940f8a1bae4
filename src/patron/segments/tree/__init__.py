"""The rule of a segment as a tree of frozen values, and its JSON face.

The JSON of a rule is the JSON of this tree; the key that an object holds says what it is:

    {"trait": "age", "op": "between", "value": [30, 40]}
    {"count": {"event": "Order Completed", "in": {"last": "90d"}}, "op": ">=", "value": 5}
    {"all": [...]}   {"any": [...]}   {"not": {...}}
    {"in_segment": "big_spenders"}   {"in_list": "vip"}
    {"sequence": [{"event": "Product Viewed"}, {"event": "Product Added", "within": "1h"}]}
    {"abandoned": "cart", "for": "1h"}

Inside the `where` of an event stand conditions on its properties:

    {"property": "coupon", "op": "exists"}
    {"any_line": {"property": "category", "op": "=", "value": "Tea"}}
"""

from __future__ import annotations

from patron.segments.tree.ageing import Decayed, Earlier, Most, Worth
from patron.segments.tree.arithmetic import (
    Add,
    Divide,
    Greatest,
    Least,
    Multiply,
    Operation,
    Subtract,
)
from patron.segments.tree.base import (
    MAX_DEPTH,
    MAX_NODES,
    Expression,
    Inner,
    Node,
    Place,
    Rule,
    ShortForm,
    Window,
)
from patron.segments.tree.categories import Case, Cases, Categories, Category
from patron.segments.tree.comparisons import AnyLine, Changed, OfEvent, Property, Trait
from patron.segments.tree.computed import EXPRESSIONS as _CALCULATED
from patron.segments.tree.computed import Calculate
from patron.segments.tree.expressions import (
    NUMBERS,
    Affinity,
    Constant,
    Named,
    Taken,
    TakenName,
    expressions,
    names_in,
)
from patron.segments.tree.groups import Group
from patron.segments.tree.logic import All, AnyOf, Not
from patron.segments.tree.measures import (
    Amounts,
    Average,
    Count,
    Distinct,
    Events,
    Max,
    Measured,
    MeasureName,
    Measuring,
    Metric,
    Min,
    Selecting,
    Sum,
    measure,
    properties,
)
from patron.segments.tree.membership import Entered, InList, InSegment, Left, WasIn
from patron.segments.tree.orders import (
    SHORT_FORMS,
    SHORT_MEASURES,
    Bought,
    Clauses,
    LastOrder,
)
from patron.segments.tree.patterns import FirstTime, Periods, Resumed, Stopped
from patron.segments.tree.picks import (
    FirstValue,
    LastValue,
    MostFrequent,
    Picking,
    PickName,
    picked,
)
from patron.segments.tree.points import Balance, Earning, Points, Programme
from patron.segments.tree.preferences import Favourite, Preferred, Weighed
from patron.segments.tree.rfm import CELLS, Rfm, RfmGroup, RfmScore
from patron.segments.tree.scope import OnBrands, scoped
from patron.segments.tree.sequences import (
    ANY_STAGE,
    STAGES,
    Abandoned,
    CartLeft,
    Occurrence,
    Sequence,
    Step,
)
from patron.segments.tree.sets import AtLeast, Ranking, Refresh, Share, Top
from patron.segments.tree.walking import as_object, encode, join, walk
from patron.segments.tree.windows import (
    WINDOWS,
    Anchor,
    Dates,
    Last,
    LastFull,
    SinceEvent,
    This,
)
from patron.spec.commerce import ORDERED

KINDS: dict[str, type[Rule]] = {
    "trait": Trait,
    "changed": Changed,
    "property": Property,
    "any_line": AnyLine,
    "event": OfEvent,
    "all": All,
    "any": AnyOf,
    "not": Not,
    "in_segment": InSegment,
    "in_list": InList,
    "count": Count,
    "sum": Sum,
    "average": Average,
    "min": Min,
    "max": Max,
    "sequence": Sequence,
    "abandoned": Abandoned,
    "at_least": AtLeast,
    "share": Share,
    "top": Top,
    "top_percent": Top,
    "on_brands": OnBrands,
    "group": Group,
    "was_in": WasIn,
    "entered": Entered,
    "left": Left,
    "distinct": Distinct,
    "first": FirstValue,
    "last": LastValue,
    "most_frequent": MostFrequent,
    "first_time": FirstTime,
    "periods": Periods,
    "stopped": Stopped,
    "resumed": Resumed,
    "calculate": Calculate,
    "rfm": Rfm,
    "points": Points,
}
"""What an object is, by the key that it holds; the first of these that it holds counts."""

EXPRESSIONS: dict[str, type[Expression]] = {**_CALCULATED, "preferred": Preferred}
"""What an expression is, by the key that it holds."""

__all__ = [
    "ANY_STAGE",
    "CELLS",
    "EXPRESSIONS",
    "KINDS",
    "MAX_DEPTH",
    "MAX_NODES",
    "NUMBERS",
    "ORDERED",
    "SHORT_FORMS",
    "SHORT_MEASURES",
    "STAGES",
    "WINDOWS",
    "Abandoned",
    "Add",
    "Affinity",
    "All",
    "Amounts",
    "Anchor",
    "AnyLine",
    "AnyOf",
    "AtLeast",
    "Average",
    "Balance",
    "Bought",
    "Calculate",
    "CartLeft",
    "Case",
    "Cases",
    "Categories",
    "Category",
    "Changed",
    "Clauses",
    "Constant",
    "Count",
    "Dates",
    "Decayed",
    "Distinct",
    "Divide",
    "Earlier",
    "Earning",
    "Entered",
    "Events",
    "Expression",
    "Favourite",
    "FirstTime",
    "FirstValue",
    "Greatest",
    "Group",
    "InList",
    "InSegment",
    "Inner",
    "Last",
    "LastFull",
    "LastOrder",
    "LastValue",
    "Least",
    "Left",
    "Max",
    "MeasureName",
    "Measured",
    "Measuring",
    "Metric",
    "Min",
    "Most",
    "MostFrequent",
    "Multiply",
    "Named",
    "Node",
    "Not",
    "Occurrence",
    "OfEvent",
    "OnBrands",
    "Operation",
    "Periods",
    "PickName",
    "Picking",
    "Place",
    "Points",
    "Preferred",
    "Programme",
    "Property",
    "Ranking",
    "Refresh",
    "Resumed",
    "Rfm",
    "RfmGroup",
    "RfmScore",
    "Rule",
    "Selecting",
    "Sequence",
    "Share",
    "ShortForm",
    "SinceEvent",
    "Step",
    "Stopped",
    "Subtract",
    "Sum",
    "Taken",
    "TakenName",
    "This",
    "Top",
    "Trait",
    "WasIn",
    "Weighed",
    "Window",
    "Worth",
    "as_object",
    "encode",
    "expressions",
    "join",
    "measure",
    "names_in",
    "picked",
    "properties",
    "scoped",
    "walk",
]
