with bought as (
    select t.household_id, t.sales_value, p.department
    from transactions as t
    left join products as p using (product_id)
    where t.transaction_timestamp > timestamp '2017-01-01'
        and t.transaction_timestamp <= timestamp '2018-01-01'
)
select household_id
from bought
group by household_id
having count(*) filter (department = 'MEAT') >= 1
    and count(*) filter (department = 'PRODUCE') >= 2
    and sum(round_even(sales_value::decimal(38, 12), 6)) >= 2500
