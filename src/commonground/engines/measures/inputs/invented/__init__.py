"""A realistic invented city: LEAs of both sectors, their schools, students and a school year's records, from one seed.

Everybody and every school is invented. Shares and rates lie near those that one large city published for 2016-17 (groups,
attendance, suspensions, entry and withdrawal by month), so that small groups, gaps and segregation are as in real life.
"""

from commonground.engines.measures.inputs.invented.files import write_invented_city
from commonground.engines.measures.inputs.invented.plan import Plan, invent_plan

__all__ = ["Plan", "invent_plan", "write_invented_city"]
