select distinct household_id
from transactions
join products using (product_id)
where transaction_timestamp <= timestamp '2018-01-01'
    and transaction_timestamp > timestamp '2018-01-01' - interval 30 days
    and department = 'FUEL'
