"""The pages, one module for each group of them."""

from services.console.pages import actions, cases, files, letters, operations, pupils, sign_in, work_list

ROUTERS = (sign_in.router, work_list.router, cases.router, actions.router, pupils.router, files.router, letters.router, operations.router)
