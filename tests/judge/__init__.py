"""A judge from outside: what an offer may not do, worked out slowly from the rows and the rules alone.

It shares no code with the package's rules and calculators: rows and candidates are all that it knows of it.
Where a rule leaves room it gives the offer the benefit of it, so that what it names is wrong by any reading.
"""
