"""What live membership remembers of each customer, and the answers that it finds there.

Of every row that a live rule reads, memory holds when it happened and what the rule wants to know
of it: whether it fits the filter of a condition, the number or value that is measured. SQL finds
that out once, when the row comes in, so filters mean here what they mean everywhere. What the rows
of one customer amount to (counts, sums, windows, sequences) is found in arrays, for many customers
at once, in time that depends on their rows and not on what is stored.

Where arrays cannot tell (which of two rows of one and the same moment is the later, a sum beyond 64
bits), they say so, and the question goes to the tables.
"""
