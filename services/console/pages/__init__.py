"""The pages, one module for each group of them."""

from services.console.pages import case_actions, cases, files, imports, leave, letters, operations, pupils, schools, sign_in, work_list

ROUTERS = (
    sign_in.router,
    work_list.router,
    cases.router,
    case_actions.router,
    pupils.router,
    schools.router,
    leave.router,
    imports.router,
    files.router,
    letters.router,
    operations.router,
)
