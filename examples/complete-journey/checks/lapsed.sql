select household_id
from transactions
where transaction_timestamp <= timestamp '2018-01-01'
group by household_id
having count(distinct basket_id) >= 5
    and max(transaction_timestamp) <= timestamp '2018-01-01' - interval 60 days
