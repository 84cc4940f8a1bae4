-- Flowers in the last 365 days, and two lines of the deli counter ever. Lines of products that the
-- catalogue does not know have no department.
select household_id
from transactions
left join products using (product_id)
where transaction_timestamp <= timestamp '2018-01-01'
group by household_id
having count(*) filter (
        department = 'FLORAL'
        and transaction_timestamp > timestamp '2018-01-01' - interval 365 days
    ) >= 1
    and count(*) filter (department = 'DELI') >= 2
