-- Cents are added as decimals, for floating-point sums can fall on the wrong side of the limit.
select household_id
from transactions
where transaction_timestamp <= timestamp '2018-01-01'
    and transaction_timestamp > timestamp '2018-01-01' - interval 365 days
group by household_id
having sum(cast(sales_value as decimal(18, 6))) > 3000
