-- All campaigns of the data began before 2018.
select household_id
from campaigns
where household_id not in (
    select household_id from coupon_redemptions where redemption_date <= timestamp '2018-01-01'
)
group by household_id
having count(*) >= 3
