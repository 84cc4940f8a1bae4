select household_id
from transactions
join products using (product_id)
where transaction_timestamp <= timestamp '2018-01-01' and brand = 'Private'
group by household_id
having sum(cast(sales_value as decimal(18, 6))) > 1000
