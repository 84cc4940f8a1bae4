select household_id
from transactions
where transaction_timestamp > timestamp '2017-01-01' and transaction_timestamp <= timestamp '2018-01-01'
group by household_id
having sum(round_even(sales_value::decimal(38, 12), 6)) > 3000
    and count(distinct basket_id) filter (
        transaction_timestamp > timestamp '2018-01-01' - interval 31 days
    ) < 4
