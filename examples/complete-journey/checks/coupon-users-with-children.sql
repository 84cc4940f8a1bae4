select household_id
from demographics
where kids_count in ('1', '2', '3+')
    and household_id in (
        select household_id from coupon_redemptions where redemption_date <= timestamp '2018-01-01'
    )
