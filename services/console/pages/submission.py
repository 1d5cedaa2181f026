"""Send the form of an action to the service that takes it."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from services.console.clients import Refused, ServiceDown
from services.console.context import PageContext
from services.console.pages.forms import FormAction, FormErrors, idempotency_key

Page = Callable[[FormErrors | Refused, int], Awaitable[Response]]
"""Shows the form again, with what is wrong and a status."""


async def submit(
    context: PageContext, service: str, action: FormAction, subject: UUID, form: FormData, page: Page, back: str, done: str
) -> Response:
    """Take an action on a subject; return to the page `back` with the banner `done`, or show the form again with what is wrong.

    The form carries an Idempotency-Key of its own: sent twice, it counts once.
    """
    if errors := action.missing(form):
        return await page(errors, 422)
    try:
        await context.services.post(service, action.path(subject, form), action.body(form), idempotency_key(form))
    except Refused as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        return await page(refusal, refusal.status)
    except ServiceDown as error:
        return context.render("send_again.html", status=error.status, action=action, service=error.service, form=form, back=back)
    return context.done(back, done)
