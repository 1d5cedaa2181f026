"""Dated law: parameters with their references, and the findings that decisions made with them carry."""

from shared.law.findings import Finding
from shared.law.parameters import Law, Provision, Statutes, UnknownProvisionError, load
