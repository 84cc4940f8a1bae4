select distinct household_id
from transactions
join demographics using (household_id)
where transaction_timestamp <= timestamp '2018-01-01'
    and coupon_disc > 0
    and kids_count in ('1', '2', '3+')
