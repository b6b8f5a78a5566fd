"""Rules applied to rows: what is legal, possible and costly for one candidate.

Agents word these results as assessments; the arbitrator runs them again for each candidate.
"""
