"""What is remembered of customers, and the answers that are found there.

Live membership remembers everybody; an explanation its one customer, for as long as it takes. Of
every row that a rule reads, memory holds when it happened and what the rule wants to know of it:
whether it fits the filter of a condition, the number or value that is measured. SQL finds
that out once, when the row comes in, so filters mean here what they mean everywhere. What the rows
of one customer amount to (counts, sums, windows, sequences) is found in arrays, for many customers
at once, in time that depends on their rows and not on what is stored.

Where arrays cannot tell (which of two rows of one and the same moment is the later, a sum beyond 64
bits), they say so, and the question goes to the tables.
"""
