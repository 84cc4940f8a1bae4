"""What `patron sql` lets through: one SELECT over the documented views, and nothing else."""

import pytest

from patron.errors import QueryError
from patron.warehouse.questions import checked

ALLOWED = [
    "with t as (select * from customers) select * from t join t b using(profile_id)",
    "with recursive r as (select 1 a union all select a+1 from r where a<5) select * from r",
    "select count(*) from customer_events e join customers c using (profile_id)",
    "from customers",
    "select unnest([1,2])",
    "select * from unnest([1,2])",
    "select * from (values (1)) v",
    "select * from range(3)",
    "select * exclude (x) from customers",
    "select current_setting('home_directory')",
    "with x as materialized (select 1) select * from x",
]
REFUSED = [
    "select * from (with tokens as (select 1) select 1), tokens",
    "with customers as (select * from tokens) select * from customers",
    "select (select count(*) from tokens)",
    "select * from customers where exists (select 1 from tokens)",
    "select * from customers, lateral (select * from tokens) x",
    "select * from 'x.csv'",
    "select * from customers union select * from tokens",
    "pivot tokens on name",
    "select * from customers; drop table x",
    "summarize tokens",
    "describe tokens",
    "with a as (with b as (select 1 x) select * from b) select * from a, b",
    "select * from main.tokens",
    "select * from customers c, tokens t",
    "select getenv('HOME')",
    "select * from (from tokens)",
    "select * from customers as tokens, tokens as customers",
    "select read_text('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from glob('*')",
    "select * from duckdb_secrets()",
    "table tokens",
    "select * from customers where profile_id in (table tokens)",
    "show tables",
    "select tokens from tokens",
    "select * from positional join tokens",
]


@pytest.mark.parametrize("question", ALLOWED)
def test_reading_the_documented_views_is_allowed(question: str) -> None:
    assert checked(question) == question


@pytest.mark.parametrize("question", REFUSED)
def test_everything_else_is_refused(question: str) -> None:
    with pytest.raises(QueryError):
        checked(question)
