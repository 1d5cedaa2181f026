"""The pages, one module for each group of them."""

from services.console.pages import (
    case_actions,
    cases,
    differences,
    files,
    flagged,
    imports,
    leave,
    leave_asked,
    letters,
    matches,
    mergers,
    notices,
    operations,
    pupils,
    schools,
    sign_in,
    support,
    work_list,
)

MODULES = (
    sign_in,
    work_list,
    cases,
    support,
    case_actions,
    pupils,
    differences,
    mergers,
    matches,
    schools,
    leave_asked,
    leave,
    flagged,
    imports,
    files,
    notices,
    letters,
    operations,
)
ROUTERS = tuple(module.router for module in MODULES)
